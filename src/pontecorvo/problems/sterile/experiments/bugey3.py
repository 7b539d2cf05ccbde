"""Bugey-3: positron spectrum at 40 m over that at 15 m.

Recipe of Berryman & Huber, arXiv:2005.01756: 35 bins of neutrino energy of which 25 are compared,
and two energy scales, each free within 2 %. Their chi2 map was scanned with a minimiser that stops
early in the narrow valley along equal shifts, so it lies above the true minimum, which is what is
computed here: by 0.04 on the median, by more than 0.5 at 2 points in 1000.
"""

import numpy as np

from ..experiment import Array
from ..spectral_ratio import SpectralRatio, declaration_of
from ..spectrum import Sampling

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


class Bugey3(SpectralRatio):
    """The ratio in 25 bins of positron energy, 1 to 6 MeV, each spectrum shifted by its scale."""

    name = "bugey3"
    title = "Bugey-3"
    source = "Bugey-3, NPB 434 (1995) 503; compiled in arXiv:2005.01756"
    licence = "figures from the paper, compiled by Berryman & Huber"
    scale_names = ("bugey3 40 m energy scale", "bugey3 15 m energy scale")
    scale_sigma = np.array([0.02, 0.02])
    nodes = box_paths(COMMON, STEPS)
    path_weights = np.append(1 - np.abs(COMMON), np.zeros(4))  # an edge has no volume
    sampling = Sampling(401, 0.0, 10.0, 35, 1.78, 8.78, (0.06, 0.0, 0.0))
    used = slice(5, 30)
    fractions = (0.538, 0.078, 0.328, 0.056)
    distances = (("far", 39.96), ("near", 14.93))
    scale_of = (0, 1)
    prompt = (1, 6)
    ratio = "40 m / 15 m"


EXPERIMENTS = (declaration_of(Bugey3, 70),)
