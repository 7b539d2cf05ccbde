"""Bugey-3: positron spectrum at 40 m over that at 15 m.

Recipe of Berryman & Huber, arXiv:2005.01756: 35 bins of neutrino energy of which 25 are compared,
and two energy scales, each free within 2 %. Their chi2 map was scanned with a minimiser that stops
early in the narrow valley along equal shifts, so it lies above the true minimum, which is what is
computed here: by 0.04 on the median, by more than 0.5 at 2 points in 1000.
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
from .danss import SPECTRAL_FLUX

SAMPLING = Sampling(401, 0.0, 10.0, 35, 1.78, 8.78, (0.06, 0.0, 0.0))
FRACTIONS = (0.538, 0.078, 0.328, 0.056)
NEAR, FAR = 14.93, 39.96
KEY = [repr(SAMPLING), FRACTIONS, FINE_STEP]
USED = slice(5, 30)
COMMON = np.linspace(-0.8, 0.8, 5)
"""Common shifts of the inner paths, in units of the uncertainty."""
STEPS = 11


def box_paths(common: Array, steps: int) -> Array:
    """Shifts (C, J, 2) of far and near on paths through the box and along its four edges.

    The ratio fixes the difference of the shifts and hardly feels the common one, so the inner paths
    run along the difference, one for each common shift. The minimum is inside or on an edge.
    """
    along = np.linspace(-1, 1, steps)
    difference = (1 - np.abs(common))[:, None] * along
    inner = np.stack([common[:, None] + difference, common[:, None] - difference], axis=2)
    edge = np.ones(steps)
    edges = [(along, edge), (along, -edge), (edge, along), (-edge, along)]
    return np.concatenate([inner, np.array([np.stack(pair, axis=1) for pair in edges])])


class Bugey3(ScaleExperiment):
    """The ratio in 25 bins of positron energy, 1 to 6 MeV."""

    name = "bugey3"
    title = "Bugey-3"
    source = "Bugey-3, NPB 434 (1995) 503; compiled in arXiv:2005.01756"
    licence = "figures from the paper, compiled by Berryman & Huber"
    scale_names = ("bugey3 40 m energy scale", "bugey3 15 m energy scale")
    scale_sigma = np.array([0.02, 0.02])
    nodes = box_paths(COMMON, STEPS)
    path_weights = np.append(1 - np.abs(COMMON), np.zeros(4))  # an edge has no volume

    def __init__(self, setting: Setting) -> None:
        self.set_prior(setting.choice("energy_scale", self.name))
        table = reactor_table("bugey3.csv", positive=("ratio",))
        self.data = table["ratio"]
        self._covariance = reactor_covariance("bugey3_covariance.csv", len(self.data))
        edges = np.linspace(1, 6, 26)
        self.blocks = (
            Block("40 m / 15 m", slice(0, 25), edges, x="positron energy [MeV]", y="ratio"),
        )
        axis = dm2_axis(step=FINE_STEP)
        tables = tabulate("bugey3", KEY, lambda: self._compute(axis))
        self._templates = Templates(axis, tables["counts"])
        bins, low, high = SAMPLING.bins, SAMPLING.first, SAMPLING.last
        self._shift = [
            fixed_shifts((self.nodes[..., k] * self.scale_sigma[k]).ravel(), bins, low, high, USED)
            for k in (0, 1)
        ]

    @staticmethod
    def _compute(axis: Array) -> dict[str, Array]:
        both = [
            Spectrum(
                SAMPLING, shipped_sin2("bugey3", column), SPECTRAL_FLUX, FRACTIONS, distance**-2
            ).templates(axis)
            for column, distance in (("far", FAR), ("near", NEAR))
        ]
        return {"counts": np.concatenate(both, axis=2)}

    def covariance(self, prediction: Array | None = None, data: Array | None = None) -> Array:
        """Statistical and systematic covariance (25, 25)."""
        return self._covariance

    def shifted(self, s22: Array, dm2: Array, shifts: Array) -> Array:
        """Ratios (N, ..., 25) with far and near shifted each by its own scale."""
        s22, dm2 = check_points(s22, dm2)
        counts = self._templates(factors(s22), dm2)
        extra = (1,) * (np.ndim(shifts) - 2)
        low, high = SAMPLING.first, SAMPLING.last
        far, near = (
            shift_energy_scale(shifts[..., k], part.reshape(len(s22), *extra, -1), low, high)
            for k, part in enumerate(np.split(counts, 2, axis=1))
        )
        return far[..., USED] / near[..., USED]

    def paths(self, s22: Array, dm2: Array) -> Array:
        """Ratios (N, C, J, 25) on the nodes, by one product for each spectrum."""
        s22, dm2 = check_points(s22, dm2)
        counts = self._templates(factors(s22), dm2)
        far, near = (
            shift(part)
            for part, shift in zip(np.split(counts, 2, axis=1), self._shift, strict=True)
        )
        return np.divide(far, near, out=far).reshape(len(s22), *self.nodes.shape[:2], self.size)


def load(setting: Setting) -> Bugey3:
    """Bugey-3."""
    return Bugey3(setting)


EXPERIMENTS = (
    Declaration(
        "bugey3",
        Bugey3.title,
        load,
        order=70,
        groups=("reactor-spectra", "reactors"),
        options={"energy_scale": ENERGY_SCALE},
    ),
)
