"""DANSS 2018: positron spectrum at the lower over the upper detector position.

Recipe of Berryman & Huber, arXiv:2005.01756: positions at 12.69 and 10.67 m, 32 bins of 0.25 MeV
in neutrino energy of which 24 are compared, an energy scale free within 2 %.
"""

import numpy as np

from ..spectral_ratio import SpectralRatio, declaration_of
from ..spectrum import Sampling


class Danss(SpectralRatio):
    """The ratio in 24 bins of positron energy, 1 to 7 MeV, both spectra shifted together."""

    name = "danss"
    title = "DANSS 2018"
    source = "DANSS, PLB 787 (2018) 56, arXiv:1804.04046; compiled in arXiv:2005.01756"
    licence = "figures from the paper, compiled by Berryman & Huber"
    scale_names = ("danss energy scale",)
    scale_sigma = np.array([0.02])
    nodes = np.linspace(-1, 1, 5)[None, :, None]
    path_weights = np.ones(1)
    sampling = Sampling(401, 0.0, 10.0, 32, 1.8, 9.8, (0.0868, 0.006, 0.0))
    used = slice(4, 28)
    fractions = (0.56, 0.07, 0.31, 0.06)
    distances = (("down", 12.69), ("up", 10.67))
    scale_of = (0, 0)
    prompt = (1, 7)
    ratio = "lower / upper"


EXPERIMENTS = (declaration_of(Danss, 50),)
