"""Gallium, the carbon pair and the Sun: seven small experiments that share pulls."""

import numpy as np
import pytest

from pontecorvo.frequentist.plane import Axis, Plane
from pontecorvo.problems.sterile.experiment_registry import Setting, load_experiments
from pontecorvo.problems.sterile.neural.nuisances import NuisanceStudy
from pontecorvo.problems.sterile.neural.ratio_maps import RatioMaps
from pontecorvo.problems.sterile.neural.simulated import fit_embedding, make_bank

SMALL = ("gallex", "sage", "best", "karmen", "lsnd", "solar")


@pytest.fixture(scope="session")
def small_plane():
    x = np.concatenate([[-4.0], np.linspace(-2.0, 0.0, 11)])
    return Plane(Axis("log10_s22", x), Axis("log10_dm2", np.linspace(-2, 2, 33)))


@pytest.fixture(scope="session")
def small_maps(small_plane):
    return RatioMaps(load_experiments(SMALL), small_plane)


@pytest.fixture(scope="session")
def small_embedding(small_maps):
    return fit_embedding(small_maps, 8192, seed=1, components=(12, 6))


@pytest.fixture(scope="session")
def small_bank(small_embedding):
    return make_bank(small_embedding, 6_400, seed=2, show=False)


@pytest.fixture(scope="session")
def pull_study(small_plane):
    """The plane and nine pulls: an energy scale, counts, shared cross sections and fluxes."""
    setting = Setting(options=(("energy_scale", "gaussian"),))
    names = "gallium,karmen,lsnd,danss,rates-sbl"
    return NuisanceStudy(RatioMaps(load_experiments(names, setting), small_plane))
