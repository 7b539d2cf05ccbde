from dataclasses import replace

import numpy as np
import pytest

from pontecorvo.flows.networks import NetworkSettings
from pontecorvo.flows.torch_threads import one_thread
from pontecorvo.problems.sterile.model import points_of
from pontecorvo.problems.sterile.neural import plane_flows as recipes
from pontecorvo.problems.sterile.neural.plane_flows import TRAIN, NeuralPosterior, weigh
from pontecorvo.problems.sterile.neural.sequential import (
    FINE,
    ChartEstimator,
    truncated_plane_posterior,
)
from pontecorvo.sbi.rounds import RoundSettings


@pytest.fixture
def small_networks(monkeypatch):
    network = NetworkSettings(width=48, blocks=2, embedding=48)
    small = {kind: replace(flow, network=network) for kind, flow in recipes.RECIPES.items()}
    for kind, flow in small.items():
        monkeypatch.setitem(recipes.RECIPES, kind, flow)


@pytest.fixture(scope="module")
def data(small_embedding):
    return small_embedding.maps.joint.toys(0.45, 2.0, 1, np.random.default_rng(3))[0]


def efficiency(posterior, data):
    joint = posterior.embedding.maps.joint
    draws = posterior.draw(data, 400, 1, nodes=8)
    return weigh(draws, -0.5 * joint.marginal(*points_of(draws.points), data)).efficiency


def test_draws_and_density_of_an_estimator_agree(small_networks, small_embedding, data):
    """The density integrates to one, half of it lies above the draws' median; same seed, same."""
    estimator = ChartEstimator(NeuralPosterior.untrained(small_embedding, "fmpe", seed=1))
    u = estimator.sample(data, 600, 5)
    assert ((u >= 0) & (u <= 1)).all()
    q = estimator.log_density(u, data)
    uniform = np.random.default_rng(6).random((4000, 2))
    everywhere = np.exp(estimator.log_density(uniform, data))
    error = everywhere.std() / np.sqrt(len(uniform))
    assert abs(everywhere.mean() - 1) < 4 * error + 0.01
    dense = np.quantile(q, 0.5)
    share = np.where(np.log(everywhere) > dense, everywhere, 0.0)
    error = share.std() / np.sqrt(len(uniform))
    assert abs(share.mean() - 0.5) < 4 * error + 0.06
    assert np.array_equal(u, estimator.sample(data, 600, 5))


@pytest.mark.slow
def test_rounds_on_the_measured_data_resume_and_reach_the_posterior(
    small_networks, small_embedding, data, tmp_path
):
    settings = RoundSettings(rounds=2, simulations=1500, threshold_draws=400, block=1024, seed=1)
    train = replace(TRAIN, steps=250, batch=128, warmup=30, ema=0.98)
    posterior, rounds = truncated_plane_posterior(
        small_embedding, data, "npse", settings, train, folder=tmp_path, show=False
    )
    assert [record.accounted for record in rounds.records] == [True, True]
    assert rounds.records[1].log_prior_volume < -0.02  # the second round looked at less
    assert efficiency(posterior, data) > 0.3
    again, _ = truncated_plane_posterior(
        small_embedding, data, "npse", settings, train, folder=tmp_path, show=False
    )
    assert np.array_equal(again.draw(data, 50, 1).points, posterior.draw(data, 50, 1).points)


@pytest.mark.slow
def test_a_round_after_an_amortised_network_leaves_it_alone(
    small_networks, small_embedding, small_bank, data
):
    start = NeuralPosterior.untrained(small_embedding, "fmpe", seed=1)
    with one_thread():
        start.fit(small_bank, replace(TRAIN, steps=200, batch=256, warmup=50, ema=0.98), show=False)
    before = start.draw(data, 50, 1).points
    settings = RoundSettings(rounds=1, simulations=500, threshold_draws=400, block=512, seed=1)
    train = replace(FINE, steps=60, warmup=10)
    posterior, rounds = truncated_plane_posterior(
        small_embedding, data, "fmpe", settings, train, start=start, show=False
    )
    assert rounds.records[0].log_prior_volume < -0.02
    assert np.array_equal(start.draw(data, 50, 1).points, before)
    assert not np.array_equal(posterior.draw(data, 50, 1).points, before)
    assert efficiency(posterior, data) > 0.3
