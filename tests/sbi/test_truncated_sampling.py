"""Truncated rounds on any target: exact weights where the likelihood is known."""

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.base.weights import normalised
from pontecorvo.core.prior import Prior, Uniform
from pontecorvo.flows.flow_settings import TrainSettings
from pontecorvo.flows.networks import NetworkSettings
from pontecorvo.sbi.rounds import RoundSettings
from pontecorvo.sbi.simulation import Simulation
from pontecorvo.sbi.truncated_sampling import (
    SupportedCube,
    TruncatedOptions,
    train_rounds,
    truncated_posterior,
)
from toys import exact_answer, linear_target

QUICK = TruncatedOptions(
    rounds=RoundSettings(rounds=2, simulations=2000, threshold_draws=500, block=1024),
    train=TrainSettings(
        steps=300,
        batch=256,
        learning_rate=4e-3,
        warmup=50,
        ema=0.98,
        dropout=0.0,
        precision="float32",
    ),
    network=NetworkSettings(width=32, blocks=2, embedding=16),
    nodes=8,
)


def test_weights_make_the_rounds_exact():
    draws = truncated_posterior(linear_target(), 2000, 3, options=QUICK)
    mean, covariance, log_evidence = exact_answer()
    weight = normalised(draws.log_weight)
    found = weight @ draws.theta[:, :2]
    errors = np.sqrt(np.diag(covariance) / draws.ess)
    assert np.all(np.abs(found - mean) < 5 * errors)
    spread = (weight[:, None] * (draws.theta[:, :2] - found)).T @ (draws.theta[:, :2] - found)
    assert np.allclose(spread, covariance, atol=0.12)
    assert draws.log_evidence == pytest.approx(log_evidence, abs=5 * draws.log_evidence_error)
    assert draws.ess > 300  # of 2000: one draw of the prior in 14 has the measured sum
    assert draws.converged
    # weight = prior * likelihood / proposal, in the parameters
    ratio = draws.log_prior + draws.log_likelihood - draws.log_q - draws.log_weight
    assert np.ptp(ratio[np.isfinite(ratio)]) < 1e-9
    assert draws.notes["log_density_error"] < 0.005
    assert len(draws.notes["rounds"]) == 2
    assert draws.notes["rounds"][1]["log_prior_volume"] < -0.3  # the second round is truncated


def test_a_killed_run_goes_on_to_the_same_draws(tmp_path):
    tiny = TruncatedOptions(
        rounds=RoundSettings(rounds=2, simulations=400, threshold_draws=300, block=512),
        train=TrainSettings(steps=60, batch=128, dropout=0.0, precision="float32"),
        network=QUICK.network,
        nodes=4,
    )
    whole = truncated_posterior(linear_target(), 200, 5, tmp_path, options=tiny)
    kept = sorted(tmp_path.rglob("trained.json"))
    assert len(kept) == 2
    kept[1].unlink()
    again = truncated_posterior(linear_target(), 200, 5, tmp_path, options=tiny)
    assert np.array_equal(whole.theta, again.theta)
    assert np.array_equal(whole.log_weight, again.log_weight)


def two_counts():
    """Two counts of one rate: with a flat prior the posterior is a gamma distribution."""
    prior = Prior([Uniform(0, 20)])
    return Simulation(
        prior, lambda theta, rng: rng.poisson(theta, (len(theta), 2)) * 1.0, np.array([5.0, 8.0])
    )


MEAN, WIDTH = 7.0, np.sqrt(14) / 2  # of the gamma distribution of 14 and rate 2


def test_a_simulator_without_likelihood():
    draws = truncated_posterior(two_counts(), 2000, 1, options=QUICK)
    assert draws.theta.mean() == pytest.approx(MEAN, abs=0.3)
    assert draws.theta.std() == pytest.approx(WIDTH, rel=0.25)  # 300 steps: as good as the flow
    assert np.all(draws.log_weight == 0)
    assert np.isnan(draws.log_evidence)
    assert draws.notes["simulations"] == 4000


def test_points_without_data_are_left_out():
    def simulator(u, rng):
        data = u + 0.1 * rng.standard_normal(u.shape)
        data[u[:, 0] > 0.5] = np.nan
        return data

    cube = SupportedCube(1, simulator, "half")
    rng = np.random.default_rng(0)
    assert cube.sample_prior(500, rng).max() <= 0.5
    assert len(cube.sample_prior_in_box(np.array([0.4]), np.array([0.6]), 1000, rng)) < 600
    assert cube.log_prior(np.array([[0.2], [0.7], [1.2]])).tolist() == [0.0, -np.inf, -np.inf]
    simulation = Simulation(Prior([Uniform(0, 1)]), simulator, np.array([0.45]))
    rounds = train_rounds(simulation, 2, options=QUICK)
    points = rounds.sample(500, 1)
    assert points.max() <= 0.5
    assert 0.3 < points.mean() < 0.47
    with pytest.raises(InputError, match="have data"):
        SupportedCube(1, lambda u, rng: u * np.nan, "none").sample_prior(10, rng)


def test_misuse_is_told():
    with pytest.raises(InputError, match="allowed: flow-matching"):
        TruncatedOptions(flow="gan")
    with pytest.raises(InputError, match="defensive 1"):
        TruncatedOptions(defensive=1)
    with pytest.raises(InputError, match="at least 2"):
        truncated_posterior(linear_target(), 1)


@pytest.mark.slow
@pytest.mark.parametrize("flow", ["flow-matching", "diffusion", "npse"])
def test_a_trained_flow_needs_no_likelihood(flow):
    rounds = RoundSettings(rounds=2, simulations=8000, threshold_draws=1000, block=1024)
    draws = truncated_posterior(two_counts(), 4000, 1, options=TruncatedOptions(flow, rounds))
    assert draws.theta.mean() == pytest.approx(MEAN, abs=0.2)
    assert draws.theta.std() == pytest.approx(WIDTH, rel=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("flow", ["diffusion", "npse"])
def test_every_kind_of_flow_is_weighted_to_the_same_posterior(flow):
    options = TruncatedOptions(flow, QUICK.rounds, QUICK.train, QUICK.network)
    draws = truncated_posterior(linear_target(), 4000, 4, options=options)
    mean, covariance, log_evidence = exact_answer()
    found = normalised(draws.log_weight) @ draws.theta[:, :2]
    assert draws.notes["log_density_error"] < 0.005
    assert np.all(np.abs(found - mean) < 5 * np.sqrt(np.diag(covariance) / draws.ess))
    assert draws.log_evidence == pytest.approx(log_evidence, abs=5 * draws.log_evidence_error)
