"""RENO and Double Chooz: prompt spectrum at the far over the near detector.

Recipe of Berryman & Huber, arXiv:2005.01756, with the factor by which they multiply the ratio so
that the published theta_13 comes out: 1.00884 for RENO, 1.0026 for Double Chooz.
"""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from ....physics.oscillation import ThreeFlavour
from ..declaration import Declaration
from ..experiment import Array, Block, Experiment, check_points
from ..experiment_registry import Setting
from ..reactor_tables import AVERAGING, cell_length, detector_sin2, reactor_covariance
from ..shipped_tables import shipped_table
from ..spectral_ratio import SPECTRAL_FLUX
from ..spectrum import WIDTH, Sampling, Spectrum, factors
from ..templates import FINE_STEP, FINEST_STEP, Templates, dm2_axis, tabulate
from ..wave_packet_option import WAVE_PACKET, packet_width


@dataclass(frozen=True)
class Detector:
    """One of the two detectors.

    Attributes:
        baselines: Its name in the table of baselines.
        distance: Flux-weighted distance [m].
        exposure: Days x thermal power [GW] x efficiency x relative mass.
        fractions: Fission fractions.
    """

    baselines: str
    distance: float
    exposure: float
    fractions: tuple[float, ...]


@dataclass(frozen=True)
class FarNearRecipe:
    """What defines one of the experiments.

    Attributes:
        name: Name in commands.
        title: Name in figures.
        source: Paper.
        table: Stem of its tables.
        sampling: Energies and bins.
        near: Near detector.
        far: Far detector.
        factor: What the ratio is multiplied by.
        starts: First fine bin of each bin of the data.
        axis: What the bins are bins of.
        offset: Neutrino minus prompt energy [MeV].
    """

    name: str
    title: str
    source: str
    table: str
    sampling: Sampling
    near: Detector
    far: Detector
    factor: float
    starts: tuple[int, ...]
    axis: str
    offset: float = 0.78


_DC_FUEL = (0.511, 0.087, 0.340, 0.062)
RENO = FarNearRecipe(
    "reno",
    "RENO",
    "RENO, PRL 121 (2018) 201801, arXiv:1806.00248; compiled in arXiv:2005.01756",
    "reno",
    Sampling(291, 2.08, 7.78, 29, 2.08, 7.78, (0.0, 0.0, 0.0004)),
    Detector(
        "reno-near", 433.135, 1807.88 * 13.312 * 0.60329, (0.57264, 0.07309, 0.29911, 0.055161)
    ),
    Detector(
        "reno-far", 1446.88, 2193.04 * 13.406 * 0.68748, (0.57447, 0.07340, 0.29742, 0.054752)
    ),
    1.00884,
    (*range(23), 24, 26),  # the last three bins of the data hold 2, 2 and 3 fine bins
    "prompt energy [MeV]",
)
DOUBLE_CHOOZ = FarNearRecipe(
    "double-chooz",
    "Double Chooz",
    "Double Chooz, Nature Phys. 16 (2020) 558, arXiv:1901.09445; compiled in arXiv:2005.01756",
    "double_chooz",
    Sampling(261, 1.78, 8.28, 26, 1.78, 8.28, (0.0, 0.00253, 0.0)),
    Detector("double-chooz-near", 400.298, 258.0 * 8.5 * 0.8547 * 1.0045, _DC_FUEL),
    Detector("double-chooz-far", 1051.65, 818.0 * 8.5 * 0.8678, _DC_FUEL),
    1.0026,
    tuple(range(26)),
    "visible energy [MeV]",
)


class FarNear(Experiment):
    """A far over near ratio with its covariance; theta_13 and dm2_31 are fixed."""

    licence = "figures from the paper, compiled by Berryman & Huber"

    def __init__(self, recipe: FarNearRecipe, setting: Setting) -> None:
        packets = packet_width(setting, recipe.name)
        recipe = replace(recipe, sampling=recipe.sampling.with_packets(packets))
        self.recipe, averaging = recipe, setting.choice("averaging", recipe.name)
        self.name, self.title, self.source = recipe.name, recipe.title, recipe.source
        self.data = shipped_table(f"{recipe.table}.csv", positive=("ratio",))["ratio"]
        self._covariance = reactor_covariance(f"{recipe.table}_covariance.csv", len(self.data))
        edges = recipe.sampling.edges[[*recipe.starts, recipe.sampling.bins]] - recipe.offset
        self.blocks = (
            Block("far / near", slice(0, len(self.data)), edges, x=recipe.axis, y="ratio"),
        )
        step = FINEST_STEP if averaging == "compiled" else FINE_STEP
        axis = dm2_axis(step=step)

        def kept(axis: Array, three: ThreeFlavour | None) -> Array:
            key = [repr(recipe), repr(three), axis, averaging, WIDTH]
            compute = partial(self._compute, axis, averaging, three)
            return tabulate(recipe.name, key, compute)["counts"]

        self._templates = Templates(
            axis, kept(axis, ThreeFlavour()), lambda axis: kept(axis, None)[:, 2]
        )

    def _compute(self, axis: Array, averaging: str, three: ThreeFlavour | None) -> dict[str, Array]:
        both = []
        for detector in (self.recipe.far, self.recipe.near):
            counts = Spectrum(
                self.recipe.sampling.finer(averaging),
                detector_sin2(detector.baselines, averaging),
                SPECTRAL_FLUX,
                detector.fractions,
                detector.exposure / detector.distance**2,
                three,
                cell_length(detector.baselines, averaging),
            ).templates(axis)
            both.append(np.add.reduceat(counts, self.recipe.starts, axis=2))
        return {"counts": np.concatenate(both, axis=2)}

    def predict(self, s22: Array, dm2: Array) -> Array:
        """Ratios (N, B)."""
        s22, dm2 = check_points(s22, dm2)
        far, near = np.split(self._templates(factors(s22), dm2), 2, axis=1)
        return self.recipe.factor * far / near


EXPERIMENTS = tuple(
    Declaration(
        recipe.name,
        recipe.title,
        partial(FarNear, recipe),
        order=order,
        groups=("reactor-spectra", "reactors"),
        options={"averaging": AVERAGING, "wave_packet": WAVE_PACKET},
    )
    for order, recipe in ((80, RENO), (90, DOUBLE_CHOOZ))
)
