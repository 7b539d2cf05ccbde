from dataclasses import replace

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.inference.generative.networks import NetworkSettings
from pontecorvo.inference.grid_posterior import GridPosterior
from pontecorvo.inference.neural.maps import RatioMaps
from pontecorvo.inference.neural.nuisances import (
    FLOW,
    NuisancePosterior,
    NuisanceStudy,
    reference_draws,
)
from pontecorvo.inference.neural.posterior import TRAIN
from pontecorvo.inference.neural.simulated import fit_embedding, from_cube
from pontecorvo.models.sterile.model import points_of
from pontecorvo.models.sterile.registry import Setting, load_experiments


@pytest.fixture(scope="module")
def study(small_plane):
    setting = Setting(options=(("energy_scale", "gaussian"),))
    names = "gallium,karmen,lsnd,danss,rates-sbl"
    maps = RatioMaps(load_experiments(names, setting), small_plane)
    return NuisanceStudy(fit_embedding(maps, 512, seed=1, components=(8, 4)))


@pytest.fixture(scope="module")
def reference(study):
    """A data set, and its exact posterior over the plane and the pulls."""
    data = study.simulate(np.full((1, study.dim), 0.6), np.random.default_rng(1))[0]
    plane = study.maps.plane
    value = study.joint.marginal(*points_of(plane.points), data)
    posterior = GridPosterior(plane, -0.5 * value, 0.0)
    theta = posterior.draw(3000, np.random.default_rng(2))
    exact = -0.5 * study.joint.marginal(*points_of(theta), data)
    return data, reference_draws(study, theta, exact - posterior.log_density_at(theta), data, 3)


def test_ten_parameters_and_more(study):
    assert study.dim == 11
    assert "gallium_cross_section" in study.names
    assert len(study.rows(study.joint.data)[0]) == len(study.conditions)


def test_pulls_of_the_reference_follow_the_exact_likelihood(reference):
    """Where all is linear and Gaussian but counts and a scale, the weights are nearly equal."""
    _, (_, weights) = reference
    assert weights.efficiency > 0.5
    assert weights.reliable


def test_best_pulls_are_those_of_the_profile(study):
    from pontecorvo.models.sterile.linear import best_pulls

    best = next(e for e in study.joint.experiments if e.name == "danss")
    at = np.array([study.maps.plane.nearest((-0.6, 0.25))])
    x, y = from_cube((study.maps.plane.points[at] + [4, 2]) / 4)[0]
    _, wanted = best_pulls(best, 10**x, 10**y)
    found = study.best_pulls(study.joint.data[None], at)[0]
    assert found[study.pulls.index("danss energy scale")] == pytest.approx(wanted[0], abs=1e-8)


def test_a_network_finds_the_posterior_of_all_of_them(study, reference):
    data, (points, weights) = reference
    small = replace(FLOW, network=NetworkSettings(width=64, blocks=2, embedding=64))
    posterior = NuisancePosterior(study, seed=1, flow=small)
    train = replace(TRAIN, steps=250, batch=256, warmup=50, validate_every=250)
    posterior.fit(study.bank(4096, 5), train)
    u, own = posterior.draw(data, 400, 1)
    assert u.shape == (400, study.dim)
    assert own.ess > 4
    mean, spread = weights.mean(points)[0], np.sqrt(weights.mean((points - 0.5) ** 2)[0])
    assert np.abs(u.mean(axis=0) - mean).max() < 0.25
    assert (spread > 0).all()


def test_a_box_is_no_pull(small_plane):
    maps = RatioMaps(load_experiments("danss,best"), small_plane)
    with pytest.raises(InputError, match="energy_scale=gaussian"):
        NuisanceStudy(fit_embedding(maps, 256, seed=1, components=(4, 2)))
