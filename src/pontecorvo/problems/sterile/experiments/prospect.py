"""PROSPECT: spectra at ten baselines, each compared with its share of their sum.

The statistic is that of `shared_spectra`. P is the collaboration's prediction without oscillation
times the ratio, oscillated over not, of our sum over segments: U-235 flux, inverse beta decay,
1/L^2, relative efficiency and the released responses.
"""

import numpy as np

from ....base.errors import InputError
from ....base.parallel import map_chunks
from ....physics.inverse_beta_decay import ibd_zeroth_order
from ....physics.oscillation import PHASE
from ....physics.reactor import polynomial_flux
from ....physics.wave_packets import interference
from ..data_folder import find
from ..declaration import Declaration, Released
from ..experiment import Array, Block
from ..experiment_registry import Setting
from ..shared_spectra import SharedSpectra
from ..templates import FINE_STEP, Templates, dm2_axis, tabulate
from ..wave_packet_option import WAVE_PACKET, packet_width
from .prospect_release import (
    BASELINE_EDGES,
    BASELINES,
    FOLDER,
    PROMPT,
    PROMPT_EDGES,
    TRUE_EDGES,
    WHERE,
    ProspectRelease,
    read_prospect,
)

CORE_RADIUS = 0.2175  # m, HFIR


class Prospect(SharedSpectra):
    """Ten spectra of 16 prompt energies; see the module's docstring.

    Args:
        release: What the collaboration released.
        packets: Width of wave packets [nm]; None for plane waves.
    """

    name = "prospect"
    title = "PROSPECT"
    source = "PROSPECT, Phys. Rev. D 103 (2021) 032001, arXiv:2006.11210, ancillary files"
    licence = "collaboration's public supplement; read from the user's folder, not shipped"

    def __init__(self, release: ProspectRelease, packets: float | None = None) -> None:
        key = [PHASE, CORE_RADIUS, "u235 polynomial, zeroth order", FINE_STEP]
        for part in (release.baselines, release.bins, release.efficiencies, release.responses):
            key.append(part.tolist())
        expected, axis = release.unoscillated.ravel(), dm2_axis(step=FINE_STEP)

        def change(axis: Array) -> Array:
            kept = tabulate(
                "prospect", [key, packets, axis], lambda: _templates(release, packets, axis)
            )
            return -kept["lost"] * expected

        lost = change(axis)
        values = np.stack([np.broadcast_to(expected, lost.shape), lost], 1)
        super().__init__(release.counts, release.covariance, Templates(axis, values, change))
        self.blocks = tuple(
            Block(
                f"{BASELINE_EDGES[i]:.2f}-{BASELINE_EDGES[i + 1]:.2f} m",
                slice(i * PROMPT, (i + 1) * PROMPT),
                PROMPT_EDGES,
                x="prompt energy [MeV]",
                y="events",
            )
            for i in range(BASELINES)
        )
        self.notes = ("each baseline is compared with its share of the sum over baselines",)


def load(setting: Setting) -> Prospect:
    """Read the release from the user's data folder.

    Raises:
        InputError: If no folder is named or the release in it is not whole.
    """
    folder = find(setting.data, FOLDER)
    if folder is None:
        raise InputError(
            f"prospect: needs {WHERE}; name the folder that holds {FOLDER}/ "
            "with --data DIR or PONTECORVO_DATA"
        )
    return Prospect(read_prospect(folder), packet_width(setting, "prospect"))


def _templates(release: ProspectRelease, packets: float | None, axis: Array) -> dict[str, Array]:
    """Relative loss (M, 160) of each bin at full mixing."""
    nodes, weights = np.polynomial.legendre.leggauss(4)
    width = np.diff(TRUE_EDGES)
    energy = TRUE_EDGES[:-1, None] + width[:, None] * (nodes + 1) / 2
    rate = polynomial_flux("u235", energy) * ibd_zeroth_order(energy) * weights / 2
    dm2 = 10**axis
    k = 2 * PHASE * dm2[:, None] / energy.ravel()
    even, odd, second, spread = core_moments(k)
    places, weight = core_places()
    lost, full = np.zeros((len(dm2), BASELINES, PROMPT)), np.zeros((BASELINES, PROMPT))

    def segment(start: int, stop: int) -> tuple[Array, Array]:
        length = release.baselines[start]
        if packets is None:
            # <cos k(L + x) / (L + x)^2>, 1 / (L + x)^2 to second order in x / L
            cosine = np.cos(k * length) * (even + 3 * second / length**2)
            cosine += np.sin(k * length) * (2 * odd / length)
            cosine /= 1 + 3 * spread / length**2
        else:  # the damping depends on the place too: point by point
            cosine, total = np.zeros(k.shape), 0.0
            for x, w in zip(length + places, weight / (length + places) ** 2, strict=True):
                cosine += w * np.cos(k * x) * interference(k * x, energy.ravel(), packets)
                total += w
            cosine /= total
        scale = release.efficiencies[start] / length**2
        loss = (1 - cosine) / 2 * (scale * rate.ravel())
        true = loss.reshape(len(dm2), *energy.shape).sum(axis=2)
        response = release.responses[start]
        return true @ response.T, scale * (response @ rate.sum(axis=1))

    for place, (taken, plain) in zip(
        release.bins, map_chunks(segment, len(release.bins), 1), strict=True
    ):
        lost[:, place] += taken
        full[place] += plain
    return {"lost": (lost / full).reshape(len(dm2), -1)}


def core_places() -> tuple[Array, Array]:
    """Nodes (32,) [m] and weights (32,) of a disc seen edge-on, along the line of sight."""
    place = CORE_RADIUS * np.cos(np.pi * (np.arange(32) + 0.5) / 32)
    weight = CORE_RADIUS**2 - place**2  # Gauss-Chebyshev, for the chord sqrt(R^2 - x^2)
    return place, weight / weight.sum()


def core_moments(k: Array) -> tuple[Array, Array, Array, float]:
    """Averages over the core, a disc seen edge-on: cos(k x), x sin(k x), x^2 cos(k x), and x^2."""
    place, weight = core_places()
    even, odd, second = np.zeros(k.shape), np.zeros(k.shape), np.zeros(k.shape)
    for x, w in zip(place[:16], 2 * weight[:16], strict=True):  # symmetric in x
        wave = w * np.cos(k * x)
        even += wave
        second += x**2 * wave
        odd += w * x * np.sin(k * x)
    return even, odd, second, float(weight @ place**2)


EXPERIMENTS = (
    Declaration(
        "prospect",
        Prospect.title,
        load,
        order=150,
        groups=("reactor-spectra", "reactors"),
        options={"wave_packet": WAVE_PACKET},
        needs="the collaboration's supplement in a data folder (--data DIR)",
        # the final release is of the same events: with it this one is no default
        present=lambda data: (
            find(data, FOLDER) is not None and find(data, "prospect-final") is None
        ),
        released=(
            Released(
                FOLDER,
                "PROSPECT supplement: events, covariance, detector responses",
                "the experiment prospect is not available",
                WHERE,
                read_prospect,
            ),
        ),
    ),
)
