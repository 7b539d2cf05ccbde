from dataclasses import replace

import numpy as np
import pytest

from pontecorvo.inference.generative.networks import NetworkSettings
from pontecorvo.inference.neural import posterior as recipes
from pontecorvo.inference.neural.posterior import LOG_AREA, TRAIN, NeuralDraws, weigh
from pontecorvo.inference.neural.sequential import truncated_posterior
from pontecorvo.inference.neural.simulated import from_cube
from pontecorvo.inference.rounds import RoundSettings
from pontecorvo.models.sterile.model import points_of


@pytest.fixture
def small_networks(monkeypatch):
    network = NetworkSettings(width=48, blocks=2, embedding=48)
    small = {kind: replace(flow, network=network) for kind, flow in recipes.RECIPES.items()}
    for kind, flow in small.items():
        monkeypatch.setitem(recipes.RECIPES, kind, flow)


@pytest.mark.slow
def test_rounds_on_the_measured_data_resume_and_reach_the_posterior(
    small_networks, small_embedding, tmp_path
):
    joint = small_embedding.maps.joint
    data = joint.toys(0.45, 2.0, 1, np.random.default_rng(3))[0]
    settings = RoundSettings(rounds=2, simulations=1500, threshold_draws=400, block=1024, seed=1)
    train = replace(TRAIN, steps=250, batch=128, warmup=30)
    posterior, rounds = truncated_posterior(
        small_embedding, data, "npse", settings, train, folder=tmp_path, show=False
    )
    assert [record.accounted for record in rounds.records] == [True, True]
    assert rounds.records[1].log_prior_volume < -0.02  # the second round looked at less
    draws = posterior.draw(data, 400, 1, nodes=8)
    weights = weigh(draws, -0.5 * joint.marginal(*points_of(draws.points), data))
    blind = from_cube(np.random.default_rng(4).random((400, 2)))
    prior = NeuralDraws(blind, np.full(400, -LOG_AREA))
    alone = weigh(prior, -0.5 * joint.marginal(*points_of(blind), data))
    assert weights.ess > 1.5 * alone.ess
    again, _ = truncated_posterior(
        small_embedding, data, "npse", settings, train, folder=tmp_path, show=False
    )
    assert np.array_equal(again.draw(data, 50, 1).points, posterior.draw(data, 50, 1).points)
