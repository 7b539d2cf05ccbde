from dataclasses import replace

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.flows.networks import NetworkSettings
from pontecorvo.frequentist.grid_posterior import GridPosterior
from pontecorvo.problems.sterile.experiment_registry import load_experiments
from pontecorvo.problems.sterile.model import points_of
from pontecorvo.problems.sterile.neural.nuisance_posterior import (
    FLOW,
    SHIPPED,
    TRAINING,
    NuisancePosterior,
    reference_draws,
)
from pontecorvo.problems.sterile.neural.ratio_maps import RatioMaps


@pytest.fixture(scope="module")
def data(pull_study):
    point = np.zeros((1, pull_study.dim))
    point[0, :2] = -0.6, 0.4
    return pull_study.simulate(point, np.random.default_rng(1))[0]


@pytest.fixture(scope="module")
def reference(pull_study, data):
    plane = pull_study.maps.plane
    value = pull_study.joint.marginal(*points_of(plane.points), data)
    posterior = GridPosterior(plane, -0.5 * value, 0.0)
    theta = posterior.draw(3000, np.random.default_rng(2))
    return reference_draws(pull_study, theta, posterior.log_density_at(theta), data, 3)


def test_the_chart_alone_is_nearly_the_posterior(pull_study, data, reference):
    found = NuisancePosterior(pull_study).draw(data, 3000, 1)
    assert found.weights.reliable
    # what is lost is the coarse plane of these tests, between whose nodes a map is interpolated
    assert found.weights.efficiency > 0.2
    gap = found.weights.log_evidence - reference.weights.log_evidence
    error = np.hypot(found.weights.log_evidence_error, reference.weights.log_evidence_error)
    assert abs(gap) < 5 * error


def test_a_network_keeps_it_and_is_read_again(pull_study, data, tmp_path):
    small = replace(FLOW, network=NetworkSettings(width=48, blocks=2, embedding=48))
    posterior = NuisancePosterior.untrained(pull_study, seed=1, flow=small)
    train = replace(TRAINING, steps=200, batch=256, warmup=50, validate_every=200, ema=0.98)
    posterior.fit(pull_study.bank(4096, 5, show=False), train, show=False)
    found = posterior.draw(data, 400, 1)
    assert found.points.shape == (400, pull_study.dim)
    assert found.weights.efficiency > 0.2
    again = posterior.log_density(found.points[:50], data)
    assert again == pytest.approx(found.log_density[:50], abs=0.05)
    posterior.save(tmp_path)
    same = NuisancePosterior.load(tmp_path, pull_study.maps)
    assert np.array_equal(same.draw(data, 50, 2).points, posterior.draw(data, 50, 2).points)
    other = RatioMaps(load_experiments("gallium"), pull_study.maps.plane)
    with pytest.raises(InputError, match="other experiments"):
        NuisancePosterior.load(tmp_path, other)


@pytest.mark.slow
def test_the_shipped_network_knows_fourteen_parameters():
    posterior = NuisancePosterior.load(SHIPPED)
    assert posterior.study.dim == 14
    found = posterior.draw(posterior.study.joint.data, 500, 1)
    assert found.weights.efficiency > 0.5


def test_no_network_is_told(tmp_path):
    with pytest.raises(InputError, match="train sterile --nuisances"):
        NuisancePosterior.load(tmp_path)
