"""Flows as estimators of truncated rounds, on toys whose posterior is known."""

from pathlib import Path

import numpy as np
import pytest
from test_rounds import OBSERVED, SIGMA, moons, noisy_copy

from pontecorvo.base.errors import InputError
from pontecorvo.flows.flow_settings import TrainSettings
from pontecorvo.flows.networks import NetworkSettings
from pontecorvo.sbi.flow_estimator import FlowEstimator, make_settings
from pontecorvo.sbi.rounds import RoundSettings, run_rounds
from pontecorvo.sbi.truncation import CubeProblem

TINY = NetworkSettings(width=32, blocks=2, embedding=16)
QUICK = TrainSettings(
    steps=300, batch=256, learning_rate=4e-3, warmup=50, ema=0.98, dropout=0.0, precision="float32"
)


@pytest.mark.parametrize(
    "kind",
    [
        "flow-matching",
        pytest.param("diffusion", marks=pytest.mark.slow),
        pytest.param("npse", marks=pytest.mark.slow),
    ],
)
def test_truncated_rounds_with_flows_keep_the_posterior(kind: str) -> None:
    result = run_rounds(
        CubeProblem(1, noisy_copy),
        OBSERVED,
        lambda number, previous: FlowEstimator(1, make_settings(kind, TINY), QUICK, nodes=8),
        RoundSettings(rounds=2, simulations=2000, threshold_draws=500, block=1024),
    )
    draws = result.sample(2000, seed=1, block=1024)[:, 0]
    assert draws.mean() == pytest.approx(0.5, abs=0.03)
    assert draws.std() == pytest.approx(SIGMA, rel=0.2)
    second = result.records[1]
    assert second.log_prior_volume < -0.2
    assert second.leakage < 0.2


def test_density_is_normalised_and_zero_off_the_box(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    theta = 0.3 + 0.2 * rng.random((2000, 1))
    flow = FlowEstimator(1, make_settings("flow-matching", TINY), QUICK)
    flow.fit(theta, noisy_copy(theta, rng), None, seed=3)
    grid = np.linspace(0.25, 0.55, 1001)[:, None]
    density = np.exp(flow.log_density(grid, OBSERVED))
    assert density.sum() * (grid[1, 0] - grid[0, 0]) == pytest.approx(1, abs=0.02)
    assert np.all(density[(grid[:, 0] < 0.299) | (grid[:, 0] > 0.501)] == 0)
    flow.save(tmp_path / "estimator")
    again = FlowEstimator(1)
    again.load(tmp_path / "estimator")
    assert np.array_equal(again.sample(OBSERVED, 50, 2), flow.sample(OBSERVED, 50, 2))


def test_weights_change_what_is_learned() -> None:
    rng = np.random.default_rng(2)
    theta = rng.random((4000, 1))
    x = rng.standard_normal((4000, 1))  # no information: the posterior is the weighted prior
    flow = FlowEstimator(1, make_settings("flow-matching", TINY), QUICK)
    flow.fit(theta, x, 2 * theta[:, 0], seed=1)
    assert flow.sample(np.zeros(1), 4000, 1).mean() == pytest.approx(2 / 3, abs=0.03)


def test_misuse_is_told() -> None:
    with pytest.raises(InputError, match="not trained"):
        FlowEstimator(1).sample(OBSERVED, 10, 0)
    with pytest.raises(InputError, match="allowed: flow-matching"):
        make_settings("gan")


def moons_inside(kind: str, seeds: range, level: float) -> float:
    """Share of data sets whose truth lies in the highest-density region of the last flow."""
    hits = []
    for seed in seeds:
        rng = np.random.default_rng([seed, 3])
        truth = rng.random((1, 2))
        observed = moons(truth, rng)[0]
        result = run_rounds(
            CubeProblem(2, moons),
            observed,
            lambda number, previous: FlowEstimator(2, make_settings(kind)),
            RoundSettings(rounds=2, simulations=3000, threshold_draws=1000, seed=seed, block=1024),
        )
        draws = result.sample(500, seed)
        log_q = result.estimator.log_density(draws, observed)
        own = result.estimator.log_density(truth, observed)[0]
        hits.append(result.region.contains(truth)[0] and np.mean(log_q > own) < level)
    return float(np.mean(hits))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["flow-matching", "diffusion", "npse"])
def test_two_moons_stay_covered_over_many_seeds(kind: str) -> None:
    # 0.9 less three binomial errors of 40 data sets
    assert moons_inside(kind, range(40), 0.9) >= 0.9 - 3 * np.sqrt(0.09 / 40)
