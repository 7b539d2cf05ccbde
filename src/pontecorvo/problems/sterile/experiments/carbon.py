"""KARMEN and LSND: nu_e of muon decay at rest on carbon, counted by energy.

Expected counts are flux * cross section * survival, smeared in energy, with Poisson statistics and
three pulls: the normalisation of each experiment and the cross section, common to both
(``carbon_cross_section``). The recipe is that of Kopp, Machado, Maltoni and Schwetz
(arXiv:1303.3011), whose own choices are options:

* true energies below the first bin are left out (the efficiencies refer to the window);
* the oscillation phase is blurred by a Gaussian of 4 MeV in energy, on top of the average over
  the detector's length; ``carbon.damping`` sets another width, 0 for none;
* KARMEN follows p_e E_e F, LSND the cross section of Fukugita et al.; ``karmen.shape`` and
  ``lsnd.shape`` choose ``phase-space`` or ``fukugita``.
"""

import numpy as np

from ....base.errors import InputError
from ....base.parallel import map_threads
from ....base.tables import Table
from ....physics.carbon_capture import ENDPOINT, Shape, carbon_cross_section, decay_at_rest
from ....physics.oscillation import PHASE
from ....physics.reactor import gaussian_response
from ....physics.wave_packets import energy_width
from ..declaration import Declaration, Option
from ..experiment import Array, Block, Experiment, amplitudes, check_points
from ..experiment_registry import Setting
from ..shipped_tables import papers, shipped_table
from ..templates import Templates, dm2_axis, tabulate
from ..wave_packet_option import WAVE_PACKET, packet_width

CROSS_SECTION = 9.2e-42  # cm^2, flux average, Fukugita et al. 1988
CROSS_SECTION_ERROR = 0.12
DAMPING = 4.0  # MeV


class Carbon(Experiment):
    """Counts of 12C(nu_e, e-)12N_gs in one detector; see the module's docstring.

    Args:
        name: ``karmen`` or ``lsnd``.
        title: Name in figures.
        table: Bins with events and background.
        group: Number of neighbouring bins that are added up.
        shape: Energy dependence of the cross section.
        setting: Options.
    """

    statistic = "poisson"

    def __init__(
        self, name: str, title: str, table: Table, group: int, shape: Shape, setting: Setting
    ) -> None:
        self.name, self.title = name, title
        self.source = papers(table)
        self.licence = "facts from the cited works"
        low, high = table["energy_low_mev"], table["energy_high_mev"]
        if not np.allclose(low[1:], high[:-1]):
            raise InputError(f"{table.name}: its bins must follow each other without gap")
        edges = np.append(low[::group], high[-1])
        self.data = table["events"].reshape(-1, group).sum(axis=1)
        self.background = table["background"].reshape(-1, group).sum(axis=1)
        damping, packets = float(setting.choice("carbon.damping")), packet_width(setting, name)
        if packets is not None:  # both are Gaussians in energy
            damping = float(np.hypot(damping, energy_width(packets)))
        place = shipped_table("carbon.csv", positive=("flux_per_cm2",))
        row = [str(entry) for entry in place["name"]].index(name)
        numbers = {c: float(v[row]) for c, v in place.columns.items() if c != "name"}
        key = [PHASE, edges.tolist(), shape, damping, numbers]

        def kept(axis: Array) -> dict[str, Array]:
            return tabulate(
                name, [*key, axis], lambda: _templates(edges, shape, damping, numbers, axis)
            )

        tables = kept(dm2_axis())
        self._signal = tables["signal"]
        self._templates = Templates(
            dm2_axis(), tables["lost"][:, None, :], lambda axis: kept(axis)["lost"]
        )
        self.nuisances = (f"{name}_normalisation", "carbon_cross_section")
        self._sizes = np.array([numbers["uncertainty"], CROSS_SECTION_ERROR])
        self.blocks = (
            Block(title, slice(0, self.size), edges, x="neutrino energy [MeV]", y="events"),
        )
        self.notes = (
            f"cross section shape: {shape}; oscillation phase blurred by {damping:g} MeV",
        )

    def signal(self, s22: Array, dm2: Array) -> Array:
        """Expected signal (N, B), without background."""
        s22, dm2 = check_points(s22, dm2)
        return self._signal - self._templates(amplitudes(s22), dm2)

    def predict(self, s22: Array, dm2: Array) -> Array:
        """Expected events (N, B), background included; see `Experiment.predict`."""
        return self.signal(s22, dm2) + self.background

    def response(self, s22: Array, dm2: Array) -> Array:
        """Both pulls scale the signal: (N, B, 2)."""
        return self.signal(s22, dm2)[:, :, None] * self._sizes


def load_karmen(setting: Setting) -> Carbon:
    """KARMEN: 26 bins of 1 MeV, or one with the option ``karmen.data = rate``."""
    table = _read("karmen")
    group = 1 if setting.choice("karmen.data") == "spectrum" else len(table)
    shape: Shape = setting.choice("karmen.shape")  # type: ignore[assignment]
    return Carbon("karmen", "KARMEN", table, group, shape, setting)


def load_lsnd(setting: Setting) -> Carbon:
    """LSND: 12 bins of 2 MeV in pairs, or singly with the option ``lsnd.bins = single``."""
    group = 2 if setting.choice("lsnd.bins") == "pairs" else 1
    shape: Shape = setting.choice("lsnd.shape")  # type: ignore[assignment]
    return Carbon("lsnd", "LSND", _read("lsnd"), group, shape, setting)


def _read(name: str) -> Table:
    return shipped_table(
        f"{name}.csv",
        positive=("energy_low_mev", "energy_high_mev"),
        not_negative=("events", "background"),
    )


def _templates(
    edges: Array, shape: Shape, damping: float, numbers: dict[str, float], axis: Array
) -> dict[str, Array]:
    """Signal without oscillation (B,) and what full mixing takes from it, (M, B)."""
    nodes, weights = np.polynomial.legendre.leggauss(300)
    half = (ENDPOINT - edges[0]) / 2
    energy = edges[0] + half * (nodes + 1)
    rate = half * weights * decay_at_rest(energy) * carbon_cross_section(energy, shape)
    sigma = numbers["resolution_constant_mev"] + numbers["resolution_root_mev"] * np.sqrt(energy)
    smear = gaussian_response(energy, edges, sigma).T * rate
    expected = numbers["flux_per_cm2"] * numbers["efficiency"] * numbers["targets"]
    expected *= numbers["factor"] * CROSS_SECTION
    smear *= expected / smear.sum()
    place = numbers["baseline_m"], numbers["half_length_m"]
    average = phase_average(energy, *place, damping, axis)
    return {"signal": smear.sum(axis=1), "lost": average @ smear.T}


def phase_average(
    energy: Array, baseline: float, half: float, damping: float, axis: Array
) -> Array:
    """Average of sin^2 (M, E) on an axis (M,) of log10 dm2, over the detector, and blurred.

    The detector counts with 1/L^2. A Gaussian blur of width s in energy multiplies cos(2 phi) by
    exp(-(2 phi s / E)^2 / 2).
    """
    nodes, weights = np.polynomial.legendre.leggauss(24)
    length = baseline + half * nodes
    share = weights / length**2
    share /= share.sum()
    dm2 = 10**axis
    blur = damping / energy

    def part(item: tuple[float, float]) -> Array:
        place, weight = item
        phase = 2 * PHASE * np.outer(dm2, place / energy)
        result = np.cos(phase)
        if damping:
            result *= np.exp(-0.5 * (phase * blur) ** 2)
        return weight * result

    cosine = np.zeros((len(dm2), len(energy)))
    for term in map_threads(part, zip(length, share, strict=True)):
        cosine += term
    return (1 - cosine) / 2


_DAMPING = Option((f"{DAMPING:g}", "0"), "width in MeV by which the phase is blurred", number=True)
_SHAPE = "energy dependence of the cross section"
EXPERIMENTS = (
    Declaration(
        "karmen",
        "KARMEN",
        load_karmen,
        130,
        ("carbon",),
        {
            "karmen.data": Option(("spectrum", "rate"), "26 bins, or their sum"),
            "karmen.shape": Option(("phase-space", "fukugita"), _SHAPE),
            "carbon.damping": _DAMPING,
            "wave_packet": WAVE_PACKET,
        },
    ),
    Declaration(
        "lsnd",
        "LSND",
        load_lsnd,
        140,
        ("carbon",),
        {
            "lsnd.bins": Option(("pairs", "single"), "bins fitted in pairs or singly"),
            "lsnd.shape": Option(("fukugita", "phase-space"), _SHAPE),
            "carbon.damping": _DAMPING,
            "wave_packet": WAVE_PACKET,
        },
    ),
)
