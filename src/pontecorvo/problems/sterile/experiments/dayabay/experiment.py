"""Daya Bay as a sterile experiment: 546 bins, templates in dm2_41, one fixed covariance.

The free spectrum (19 nodes), sin^2 2theta13 and dm2_32 are profiled by default: they are linearised
at the three-flavour best fit and enter the covariance with widths far beyond what the data allow,
so that profiling and marginalising them are the same up to a constant. All other systematics and
the statistical variance (of the measured data) are the rest of that covariance.

Slopes and covariance are those of the reference at every point of the plane; the common
normalisation, which the free spectrum absorbs, is brought to the reference's exactly.

The price of one covariance is largest where oscillations are nearly washed out by the energy
resolution, which is known to 30 % only (0.1 to 0.3 eV^2). `benchmarks/dayabay.py --sterile` sets
the chi2 beside fits of all 1079 parameters; linear resolution pulls were tried and were worse.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from .....physics.oscillation import cos4_theta_14
from ...experiment import Block, Experiment, amplitudes, check_points, whole_amplitude
from ...experiment_registry import Setting
from ...templates import Templates, tabulate
from ...wave_packet_option import packet_width
from .precomputed import Choice, difference_templates, tables
from .prediction import BINS, CELL, load_model
from .release import LICENCE, SAMPLES, SOURCE, Array, Release, load_release
from .survival import EXTENT

VERSION = 3  # raise it when the numbers in the cache change
_WIDTH = {"theta13": 0.2, "dm2_32": 1e-3, "shape": 1.0}


class DayaBay(Experiment):
    """The full release.

    Args:
        release: The data set.
        content: What `tables.tables` returns.
        theta13: "free" profiles sin^2 2theta13 and dm2_32; "fixed" keeps their three-flavour best
            fit.
        statistic: Name of the statistical variance, for the notes.
        difference: Gives the templates (M, 546) of an oscillation between two further states.
    """

    name = "dayabay"
    title = "Daya Bay"
    source = SOURCE
    licence = LICENCE

    def __init__(
        self,
        release: Release,
        content: dict[str, Array],
        theta13: str = "free",
        statistic: str = "cnp",
        difference: Callable[[Array], Array] | None = None,
    ) -> None:
        self.data = release.final_counts().ravel()
        edges = release.final_edges
        self.blocks = tuple(
            Block(
                title=f"{detector}, {period}",
                bins=slice(i * BINS, (i + 1) * BINS),
                edges=edges,
                x="prompt energy [MeV]",
                y="events",
            )
            for i, (detector, period) in enumerate(SAMPLES)
        )
        self._content = content
        self._axis = content["axis"]
        self.dm2_range = (float(10 ** self._axis[0]), float(10 ** self._axis[-1]))
        self._templates = Templates(self._axis, content["templates"][:, None, :], difference)
        self._signal = content["reference"] - content["background"]
        self._weight = 1 / content["statistical"]
        self._statistical = np.diag(content["statistical"])
        self._physics = self._statistical + content["systematic"]
        widths = np.concatenate(
            [[_WIDTH["theta13"], _WIDTH["dm2_32"]], np.full(19, _WIDTH["shape"])]
        )
        if theta13 == "fixed":
            widths[:2] = 0.0
        free = content["free"] * widths
        self._covariance = self._physics + free @ free.T
        self._root: Array | None = None
        best, errors = content["best"], content["errors"]
        pair = (
            "profiled without constraint"
            if theta13 == "free"
            else f"fixed at {best[0]:.4f} and {best[1]:.4e} eV^2"
        )
        self.notes = (
            f"statistical variance {statistic}, taken at the three-flavour best fit",
            f"sin^2 2theta13 and dm2_32 {pair}; three-flavour fit {best[0]:.4f} +- {errors[0]:.4f},"
            f" {best[1]:.4e} +- {errors[1]:.1e} eV^2, chi2 {content['chi2'][0]:.1f}",
            "reactor spectrum free (19 nodes): no flux model enters, --flux has no effect",
            f"distances averaged over +-{EXTENT} m for core and detector",
        )

    def disappeared(self, s22: Array, dm2: Array) -> Array:
        """Inverse beta decays (N, 546) with the reference's spectrum and normalisation."""
        s22, dm2 = check_points(s22, dm2, self.dm2_range)
        cosine4 = cos4_theta_14(whole_amplitude(s22))[:, None]
        signal = self._templates(-amplitudes(s22), dm2)
        signal += (1 - cosine4) * self._content["unoscillated"] + cosine4 * self._signal
        return signal

    def predict(self, s22: Array, dm2: Array) -> Array:
        """Expected counts (N, 546), normalised to the reference."""
        signal = self.disappeared(s22, dm2)
        factor = signal @ (self._weight * self._signal) / (signal**2 @ self._weight)
        signal *= factor[:, None]
        signal += self._content["background"]
        return signal

    def simulate(self, s22: Array, dm2: Array, pulls: Array, rng: np.random.Generator) -> Array:
        """Data sets (N, 546): every systematic and statistics drawn, the free parameters kept."""
        if self._root is None:
            self._root = np.linalg.cholesky(self._physics)
        mean = self.predict(s22, dm2)
        return mean + rng.standard_normal((len(pulls), self.size)) @ self._root.T

    def fitted(self, s22: float, dm2: float, data: Array | None = None) -> tuple[Array, Array]:
        """Expectation (546,) with every systematic at its best; there are no named pulls (0,)."""
        measured = self.data if data is None else np.asarray(data, dtype=float)
        mean = self.predict(np.array([s22]), np.array([dm2]))[0]
        pulled = np.linalg.solve(self.covariance(), measured - mean)
        return measured - self._statistical @ pulled, np.zeros(0)


def from_setting(setting: Setting) -> DayaBay:
    """Make the experiment with the options ``dayabay.statistic``, ``.theta13``, ``.background``.

    Raises:
        InputError: If the release is not installed.
    """
    packets = packet_width(setting, "dayabay")
    choice = Choice(
        setting.choice("dayabay.statistic"), setting.choice("dayabay.background"), packets
    )
    release = load_release()
    key: dict[str, Any] = {
        "version": VERSION,
        "release": release.version,
        "observed": release.observed.sum(axis=1),
        "cell": CELL,
        "extent": EXTENT,
        "statistic": choice.statistic,
        "background": choice.background,
    }
    if packets is not None:
        key["packets"] = packets
    content = tabulate(
        "dayabay", key, lambda: tables(load_model(EXTENT, choice.background), choice)
    )

    def difference(axis: Array) -> Array:
        def compute() -> dict[str, Array]:
            return difference_templates(load_model(EXTENT, choice.background), choice, axis)

        return tabulate("dayabay", {**key, "difference": axis}, compute)["templates"]

    theta13 = setting.choice("dayabay.theta13")
    return DayaBay(release, content, theta13, choice.statistic, difference)
