"""JUNO as an experiment: 66 bins of prompt energy, eight near reactor cores and Daya Bay's six.

What is expected in bin b is

    n_b = f_b sum_E R_b(E) phi(E) sum_r share_r P_ee(E, L_r) + backgrounds,

with Daya Bay's measured spectrum phi, shares power / L^2, JUNO's released response R and a factor
f_b that makes the spectrum without oscillation JUNO's own, bin by bin, as the release's ratio of
data to no oscillation reveals it. Uncertainties are linear pulls; docs/juno.md gives the source of
each and what it does to the fit.
"""

from dataclasses import asdict, astuple, dataclass, replace
from typing import Any, Literal

import numpy as np

from ...base.errors import InputError, suggest
from ...physics.inverse_beta_decay import THRESHOLD
from .cores import reactor_cores
from .flux import ReactorYield, dayabay_yield, huber_mueller_yield
from .juno_tables import table
from .pulls import PullFit, Statistic, check_statistic, fit_pulls, variance
from .response import Resolution, build_response, calibrated_resolution
from .three_flavour import Matter, Ordering, averaged_survival, check_ordering, dm2_31_of

Array = np.ndarray
Flux = Literal["dayabay", "dayabay-fixed", "huber-mueller"]
FLUXES = ("dayabay", "dayabay-fixed", "huber-mueller")
Lithium = Literal["linear", "tilt", "bins", "fixed"]
LITHIUM = ("linear", "tilt", "bins", "fixed")
BACKGROUNDS = ("li9_he8", "geoneutrino", "world_reactors", "bi_po", "other")
LIVE_DAYS = 59.1
HIGHEST, POINTS = 12.5, 800
"""Highest antineutrino energy [MeV], and number of steps from the threshold, each 0.24 % of it."""
LI_SHAPE = 0.2
"""9Li/8He: relative change a MeV of prompt energy (NuFIT, arXiv:2601.09791, table 1)."""
CHUNK = 128


@dataclass(frozen=True)
class JunoSetting:
    """Choices; the defaults are the analysis of the released data.

    Attributes:
        ordering: Mass ordering, "NO" or "IO".
        days: Days of live time; None for the 59.1 of the release.
        rescale: Whether the spectrum without oscillation is JUNO's own, bin by bin. Without it,
            only its sum is.
        daya_bay: Whether Daya Bay's cores at 215 km are part of the signal.
        huizhou: Thermal power of Huizhou (265 km) in GW; 17.4 when all six cores run.
        density: Matter along the path [g/cm^3].
        recoil: Whether the neutron's recoil is in the response.
        flux: "dayabay" with its 25 modes as pulls, "dayabay-fixed" without, or "huber-mueller".
        shape: Further uncorrelated relative uncertainty of the signal, bin by bin.
        energy_pulls: Whether energy scale, resolution and non-linearity are pulls.
        prefit: Whether background pulls are centred on the rates before JUNO's fit.
        lithium: Shape of 9Li/8He: "linear", a pull of 20 % a MeV; "tilt", the same about the mean
            energy, so that the rate stays; "bins", 20 % in each bin by itself; or "fixed".
        rate: Whether the rate's uncertainty is a pull.
        statistic: How counts scatter: "cnp" (JUNO's), "pearson", "neyman" or "poisson".
        bins: Bins of the release are cut into this many equal parts; more than one has no data
            and serves forecasts.
    """

    ordering: Ordering = "NO"
    days: float | None = None
    rescale: bool = True
    daya_bay: bool = True
    huizhou: float = 0.0
    density: float = 2.55
    recoil: bool = True
    flux: Flux = "dayabay"
    shape: float = 0.0
    energy_pulls: bool = True
    prefit: bool = True
    lithium: Lithium = "linear"
    rate: bool = True
    statistic: Statistic = "cnp"
    bins: int = 1

    def __post_init__(self) -> None:
        check_ordering(self.ordering)
        check_statistic(self.statistic)
        for name, allowed in (("flux", FLUXES), ("lithium", LITHIUM)):
            value = getattr(self, name)
            if value not in allowed:
                raise InputError(f"JUNO {name} {value!r} is unknown; {suggest(value, [*allowed])}")
        if self.days is not None and not (np.isfinite(self.days) and self.days > 0):
            raise InputError(f"JUNO days {self.days}; they must be finite and positive")
        for name in ("huizhou", "density", "shape"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value >= 0):
                raise InputError(f"JUNO {name} {value}; it must be finite and not negative")
        if not 1 <= self.bins <= 20:
            raise InputError(f"JUNO bins {self.bins}; allowed are 1 to 20 parts a bin")


def unoscillated_counts(spectrum: dict[str, Array] | Any) -> Array:
    """JUNO's own expectation without oscillation (66,), in counts of 59.1 days.

    The release gives the ratio of background-subtracted data to it, and the ratio of the data's
    error to it; both quotients are taken and averaged, each weighted by its rounding.
    """
    width = (spectrum["high"] - spectrum["low"]) / 0.1
    signal = spectrum["observed"] - sum(spectrum[name] for name in BACKGROUNDS)
    one, two = signal / spectrum["ratio"], spectrum["error"] / spectrum["ratio_error"]
    # half a unit in the last digit, as a relative error: data and five backgrounds have two digits
    first = np.hypot(0.005 * np.sqrt(6) / np.abs(signal), 0.0005 / np.abs(spectrum["ratio"]))
    second = np.hypot(0.005 / spectrum["error"], 0.0005 / spectrum["ratio_error"])
    weights = np.stack([first, second]) ** -2
    return width * (weights[0] * one + weights[1] * two) / weights.sum(axis=0)


class Juno:
    """The experiment; parameters are sin2_theta12, dm2_21, sin2_theta13 and dm2_3l (N, 4).

    Attributes:
        setting: The choices.
        edges: Edges (B + 1,) of the prompt energy [MeV].
        data: Observed counts (B,); None where the bins were cut.
        nuisances: Names (K,) of the pulls.
        backgrounds: Expected counts (5, B) with pulls at zero.
        unoscillated: Expected signal (B,) without oscillation.
    """

    name = "juno"
    title = "JUNO"
    source = "JUNO, Nature 654 (2026) 343, arXiv:2511.14593; data release, cite JUNO"

    def __init__(self, setting: JunoSetting | None = None) -> None:
        self.setting = setting = setting or JunoSetting()
        spectrum = table("juno/spectrum.csv", positive=("error", "ratio_error"))
        known = table("juno/signal.csv", required=("value", "error"))
        self._known = {
            name: (float(value), float(error))
            for name, value, error in zip(
                known["quantity"], known["value"], known["error"], strict=True
            )
        }
        self.days = setting.days or LIVE_DAYS
        self.cores = reactor_cores(setting.daya_bay, setting.huizhou).merged()
        self.matter = Matter(setting.density)
        self.resolution: Resolution = calibrated_resolution()
        coarse = np.append(spectrum["low"], spectrum["high"][-1])
        self.edges = _cut(coarse, setting.bins)
        width = np.diff(coarse) / 0.1
        self.data: Array | None = None
        if setting.bins == 1 and setting.days is None:
            self.data = np.round(spectrum["observed"] * width)
        self.released = {
            name: spectrum[name] * width for name in ("best_fit", "signal", *BACKGROUNDS)
        }
        self._build_signal(unoscillated_counts(spectrum))
        self._build_backgrounds()
        self._nuisance_names()

    def _build_signal(self, own: Array) -> None:
        setting = self.setting
        points = POINTS * (1 if setting.bins == 1 else 2)
        borders = np.geomspace(THRESHOLD, HIGHEST, points + 1)
        self.energy, step = 0.5 * (borders[1:] + borders[:-1]), np.diff(borders)
        response = build_response(self.energy, self.edges, self.resolution, setting.recoil)
        if setting.flux == "huber-mueller":
            rate = ReactorYield(huber_mueller_yield(self.energy), np.zeros((0, points)))
        else:
            rate = dayabay_yield(self.energy)
        modes = rate.modes if setting.flux == "dayabay" else rate.modes[:0]
        value = rate.value * step
        plain = response.matrix @ value
        if setting.rescale:
            summed = plain.reshape(-1, setting.bins).sum(axis=1)
            factor = np.repeat(own / summed, setting.bins)
        else:
            # the sum of JUNO's table 1, over the released bins
            per_day = self._known["unoscillated_per_day"][0] * self._known["efficiency"][0]
            factor = np.full(len(plain), per_day * LIVE_DAYS / plain.sum())
        factor = factor * self.days / LIVE_DAYS
        self.unoscillated = factor * plain
        # one matrix (S, (1 + K) B): signal, energy pulls, flux modes, all linear in P_ee
        parts = [response.matrix[None] * value]
        self._energy_names: tuple[str, ...] = ()
        if setting.energy_pulls:
            widths = np.array(
                [self._known["energy_scale"][1], self._known["resolution_scale"][1], 1.0]
            )
            parts.append(response.slopes * widths[:, None, None] * value)
            self._energy_names = ("energy scale", "resolution", "non-linearity")
        self._modes = len(modes)
        if self._modes:
            parts.append(response.matrix[None] * (value * modes)[:, None, :])
        stacked = np.concatenate(parts) * factor[:, None]
        self._linear = np.ascontiguousarray(np.moveaxis(stacked, 2, 0)).reshape(points, -1)

    def _build_backgrounds(self) -> None:
        setting = self.setting
        rates = table("juno/rates.csv", required=("rate", "error"))
        counts = np.array([self.released[name] for name in rates["background"]])
        centre = np.ones(len(counts))
        if setting.prefit:
            centre = rates["rate"] * LIVE_DAYS / counts.sum(axis=1)
        counts = np.repeat(counts / setting.bins, setting.bins, axis=1) * self.days / LIVE_DAYS
        self.backgrounds = counts * centre[:, None]
        relative = (rates["error"] / rates["rate"])[:, None] * self.backgrounds
        self._fixed = np.concatenate([relative, self._lithium_shape(self.backgrounds[0])])

    def _lithium_shape(self, lithium: Array) -> Array:
        """Changes (k, B) of the 9Li/8He counts (B,) for one standard deviation of k pulls."""
        kind = self.setting.lithium
        if kind == "fixed":
            return np.zeros((0, len(lithium)))
        if kind == "bins":
            return LI_SHAPE * np.diag(lithium)
        energy = 0.5 * (self.edges[1:] + self.edges[:-1])
        origin = (lithium * energy).sum() / lithium.sum() if kind == "tilt" else 0.0
        return (LI_SHAPE * (energy - origin) * lithium)[None]

    def _nuisance_names(self) -> None:
        setting = self.setting
        names = list(self._energy_names) + [f"flux {k + 1}" for k in range(self._modes)]
        names = ["signal rate", *names] if setting.rate else names
        names += list(BACKGROUNDS)
        shapes = len(self._fixed) - len(BACKGROUNDS)
        names += [
            f"li9_he8 shape {k + 1}" if shapes > 1 else "li9_he8 shape" for k in range(shapes)
        ]
        self.nuisances = tuple(names)

    @property
    def size(self) -> int:
        """Number of bins B."""
        return len(self.edges) - 1

    @property
    def rate_error(self) -> float:
        """Relative uncertainty of the signal's rate: tables 1 and 2 of JUNO's paper in quadrature.

        The reference spectrum's share is left to the flux modes where these are pulls: Daya Bay's
        covariance holds it already.
        """
        held = {"live_days", "unoscillated_per_day", "energy_scale", "resolution_scale", "density"}
        if self._modes:
            held.add("reference_spectrum")
        terms = [error for name, (_, error) in self._known.items() if name not in held]
        return float(np.sqrt(np.sum(np.square(terms))))

    def survival(self, theta: Array) -> Array:
        """P_ee (N, S) averaged over the cores, at the energies `energy`."""
        s12, dm2_21, s13, dm2_3l = np.asarray(theta, dtype=float).T
        points = (s12, dm2_21, s13, dm2_31_of(dm2_21, dm2_3l))
        return averaged_survival(
            points, self.cores.lengths, self.cores.shares, self.energy, self.matter
        )

    def expectation(self, theta: Array) -> tuple[Array, Array]:
        """Expected counts (N, B) with pulls at zero, and their change (N, B, K) by each pull."""
        theta = np.atleast_2d(np.asarray(theta, dtype=float))
        parts = (self.survival(theta) @ self._linear).reshape(len(theta), -1, self.size)
        signal = parts[:, 0]
        columns = [parts[:, 1:]]
        if self.setting.rate:
            columns.insert(0, self.rate_error * signal[:, None])
        columns.append(np.broadcast_to(self._fixed, (len(theta), *self._fixed.shape)))
        response = np.swapaxes(np.concatenate(columns, axis=1), 1, 2)
        return signal + self.backgrounds.sum(axis=0), response

    def predict(self, theta: Array) -> Array:
        """Expected counts (N, B) with pulls at zero."""
        theta = np.atleast_2d(np.asarray(theta, dtype=float))
        signal = self.survival(theta) @ self._linear[:, : self.size]
        return signal + self.backgrounds.sum(axis=0)

    def fit(self, theta: Array, data: Array | None = None) -> PullFit:
        """Profile the pulls at points (N, 4) for the data (B,) or (N, B); default the measured.

        Raises:
            InputError: If no data are given and the setting has none.
        """
        theta = np.atleast_2d(np.asarray(theta, dtype=float))
        counts = self.observed(data)
        results = []
        for start in range(0, len(theta), CHUNK):
            part = slice(start, start + CHUNK)
            expected, response = self.expectation(theta[part])
            shape = self.setting.shape * (expected - self.backgrounds.sum(axis=0))
            own = counts[part] if counts.ndim == 2 else counts
            results.append(fit_pulls(own, expected, response, shape, self.setting.statistic))
        return PullFit(
            *(np.concatenate(parts) for parts in zip(*map(astuple, results), strict=True))
        )

    def chi2(self, theta: Array, data: Array | None = None) -> Array:
        """Chi2 (N,) profiled over the pulls."""
        return self.fit(theta, data).chi2

    def marginal(self, theta: Array, data: Array | None = None) -> Array:
        """-2 log likelihood (N,) with the pulls integrated out, up to a constant."""
        fit = self.fit(theta, data)
        return fit.chi2 + fit.log_det

    def fitted(self, theta: Array, data: Array | None = None) -> tuple[Array, Array]:
        """Expected counts (N, B) at the best pulls, and these pulls (N, K)."""
        pulls = self.fit(theta, data).pulls
        expected, response = self.expectation(theta)
        return expected + np.einsum("nbk,nk->nb", response, pulls), pulls

    def simulate(self, theta: Array, rng: np.random.Generator) -> Array:
        """One data set (N, B) for each point, pulls, shape and statistics drawn."""
        expected, response = self.expectation(theta)
        pulls = rng.standard_normal((len(expected), response.shape[2]))
        mean = expected + np.einsum("nbk,nk->nb", response, pulls)
        if self.setting.shape:
            signal = expected - self.backgrounds.sum(axis=0)
            mean = mean + self.setting.shape * signal * rng.standard_normal(mean.shape)
        return rng.poisson(np.maximum(mean, 0.0)).astype(float)

    def with_setting(self, **changes: Any) -> "Juno":
        """The experiment with some choices changed."""
        return Juno(replace(self.setting, **changes))

    def covariance(self, theta: Array, data: Array | None = None) -> Array:
        """Covariance (N, B, B) of the counts about the expectation: statistics, shape and pulls."""
        expected, response = self.expectation(theta)
        shape = self.setting.shape * (expected - self.backgrounds.sum(axis=0))
        spread = variance(self.setting.statistic, self.observed(data), expected) + shape**2
        total = response @ np.swapaxes(response, 1, 2)
        total[:, np.arange(self.size), np.arange(self.size)] += spread
        return total

    def observed(self, data: Array | None = None) -> Array:
        """The measured counts (B,), or the given ones (..., B) checked."""
        if data is None and self.data is None:
            raise InputError("JUNO: other days or cut bins have no data; give counts (a forecast)")
        counts = np.asarray(self.data if data is None else data, dtype=float)
        if counts.shape[-1] != self.size:
            raise InputError(f"JUNO: {counts.shape[-1]} counts given; it has {self.size} bins")
        return counts

    def describe(self) -> dict[str, Any]:
        """What defines the experiment, as plain JSON types."""
        return {
            "name": self.name,
            "source": self.source,
            "setting": asdict(self.setting),
            "days": self.days,
            "bins": self.size,
            "nuisances": list(self.nuisances),
        }


def _cut(edges: Array, parts: int) -> Array:
    """Edges with every bin cut into equal parts."""
    inside = np.arange(parts) / parts
    cut = edges[:-1, None] + np.diff(edges)[:, None] * inside
    return np.append(cut.ravel(), edges[-1])
