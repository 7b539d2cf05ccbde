"""DANSS 2018: positron spectrum at the lower over the upper detector position.

Recipe of Berryman & Huber, arXiv:2005.01756: positions at 12.69 and 10.67 m, 32 bins of 0.25 MeV
in neutrino energy of which 24 are compared, an energy scale free within 2 %.
"""

import numpy as np

from ....physics.reactor import shift_energy_scale
from ..declaration import Declaration
from ..experiment import Array, Block, check_points
from ..reactor_tables import reactor_covariance, reactor_table, shipped_sin2
from ..registry import Setting
from ..scale import ENERGY_SCALE, ScaleExperiment, fixed_shifts
from ..spectrum import Sampling, Spectrum, factors
from ..templates import FINE_STEP, Templates, dm2_axis, tabulate

SAMPLING = Sampling(401, 0.0, 10.0, 32, 1.8, 9.8, (0.0868, 0.006, 0.0))
FRACTIONS = (0.56, 0.07, 0.31, 0.06)
UP, DOWN = 10.67, 12.69
KEY = [repr(SAMPLING), FRACTIONS, FINE_STEP]
USED = slice(4, 28)
SPECTRAL_FLUX = "sm"
"""The spectral ratios were compiled with the summation fluxes; a ratio hardly feels it."""


class Danss(ScaleExperiment):
    """The ratio in 24 bins of positron energy, 1 to 7 MeV."""

    name = "danss"
    title = "DANSS 2018"
    source = "DANSS, PLB 787 (2018) 56, arXiv:1804.04046; compiled in arXiv:2005.01756"
    licence = "figures from the paper, compiled by Berryman & Huber"
    scale_names = ("danss energy scale",)
    scale_sigma = np.array([0.02])
    nodes = np.linspace(-1, 1, 5)[None, :, None]
    path_weights = np.ones(1)

    def __init__(self, setting: Setting) -> None:
        self.set_prior(setting.choice("energy_scale", self.name))
        table = reactor_table("danss.csv", positive=("ratio",))
        self.data = table["ratio"]
        self._covariance = reactor_covariance("danss_covariance.csv", len(self.data))
        edges = np.linspace(1, 7, 25)
        self.blocks = (
            Block("lower / upper", slice(0, 24), edges, x="positron energy [MeV]", y="ratio"),
        )
        axis = dm2_axis(step=FINE_STEP)
        tables = tabulate("danss", KEY, lambda: self._compute(axis))
        self._templates = Templates(axis, tables["counts"])
        shifts = (self.nodes * self.scale_sigma).ravel()
        self._shift = fixed_shifts(shifts, SAMPLING.bins, SAMPLING.first, SAMPLING.last, USED)

    @staticmethod
    def _compute(axis: Array) -> dict[str, Array]:
        both = [
            Spectrum(
                SAMPLING, shipped_sin2("danss", column), SPECTRAL_FLUX, FRACTIONS, distance**-2
            ).templates(axis)
            for column, distance in (("down", DOWN), ("up", UP))
        ]
        return {"counts": np.concatenate(both, axis=2)}

    def covariance(self, prediction: Array | None = None, data: Array | None = None) -> Array:
        """Statistical and systematic covariance (24, 24)."""
        return self._covariance

    def shifted(self, s22: Array, dm2: Array, shifts: Array) -> Array:
        """Ratios (N, ..., 24) with both spectra shifted together."""
        s22, dm2 = check_points(s22, dm2)
        counts = self._templates(factors(s22), dm2)
        extra = (1,) * (np.ndim(shifts) - 2)
        low, high = SAMPLING.first, SAMPLING.last
        down, up = (
            shift_energy_scale(shifts[..., 0], part.reshape(len(s22), *extra, -1), low, high)
            for part in np.split(counts, 2, axis=1)
        )
        return down[..., USED] / up[..., USED]

    def paths(self, s22: Array, dm2: Array) -> Array:
        """Ratios (N, 1, J, 24) on the nodes, by one product for each spectrum."""
        s22, dm2 = check_points(s22, dm2)
        counts = self._templates(factors(s22), dm2)
        down, up = (self._shift(part) for part in np.split(counts, 2, axis=1))
        return np.divide(down, up, out=down).reshape(len(s22), *self.nodes.shape[:2], self.size)


def load(setting: Setting) -> Danss:
    """DANSS."""
    return Danss(setting)


EXPERIMENTS = (
    Declaration(
        "danss",
        Danss.title,
        load,
        order=50,
        groups=("reactor-spectra", "reactors"),
        options={"energy_scale": ENERGY_SCALE},
    ),
)
