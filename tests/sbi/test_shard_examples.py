"""Training from shards: every example once an epoch, the same batch at every call."""

import numpy as np
import pytest
from test_simulated_shards import MODEL, written

from pontecorvo.base.errors import InputError
from pontecorvo.sbi.shard_examples import ShardExamples
from pontecorvo.sbi.simulated_shards import BLOCK, Plan, SimulatedShards


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    plan = Plan(4 * BLOCK, seed=2, shard=2 * BLOCK, precision="float64")
    return SimulatedShards(written(tmp_path_factory.mktemp("examples") / "all", plan), MODEL)


def test_a_batch_depends_on_the_step_only(shards):
    first, again = (ShardExamples(shards, seed=3, together=2) for _ in range(2))
    for step in (5, 0, 130, 5):
        for a, b in zip(first.batch(step, 1000), again.batch(step, 1000), strict=True):
            np.testing.assert_array_equal(a, b)
    assert not np.array_equal(first.batch(0, 10)[0], first.batch(1, 10)[0])


def test_an_epoch_sees_every_simulation_once(shards):
    examples, n = ShardExamples(shards, together=2), BLOCK // 4
    u = np.concatenate([examples.batch(step, n)[0] for step in range(16)])
    every = np.concatenate([MODEL.prior.to_unit_cube(theta) for theta, _ in shards])
    np.testing.assert_array_equal(np.sort(u[:, 0]), np.sort(every[:, 0]))
    later = np.concatenate([examples.batch(step, n)[0] for step in range(16, 32)])
    assert not np.array_equal(u, later)
    np.testing.assert_array_equal(np.sort(later[:, 0]), np.sort(every[:, 0]))


def test_points_and_conditions_belong_together(shards):
    u, condition = ShardExamples(shards).batch(7, 500)
    expected = MODEL.forward(MODEL.prior.from_unit_cube(u))
    np.testing.assert_allclose(condition, expected, atol=1e-9)

    def noise(observables, rng):
        return observables + rng.normal(size=observables.shape)

    noisy, other = (ShardExamples(shards, noise, seed) for seed in (0, 1))
    np.testing.assert_array_equal(noisy.batch(7, 500)[1], noisy.batch(7, 500)[1])
    assert 0.9 < np.std(noisy.batch(7, 5000)[1] - ShardExamples(shards).batch(7, 5000)[1]) < 1.1
    assert noisy.describe() != other.describe()
    assert noisy.sample(100)[0].shape == (100, 3)


def test_simulations_without_observables_are_left_out(shards, tmp_path, monkeypatch):
    def half(theta):
        values = np.array(theta[:, :1])
        values[theta[:, 0] < 0] = np.nan
        return values

    monkeypatch.setattr(MODEL, "forward", half, raising=False)
    some = SimulatedShards(written(tmp_path / "half", Plan(BLOCK, shard=BLOCK)), MODEL)
    assert some.entries[0]["without_observables"] > BLOCK // 3
    u, condition = ShardExamples(some).batch(0, BLOCK)
    assert np.isfinite(condition).all()
    assert (u[:, 0] >= 0.5).all()
    monkeypatch.setattr(MODEL, "forward", lambda theta: np.full((len(theta), 1), np.nan))
    none = SimulatedShards(written(tmp_path / "none", Plan(BLOCK, shard=BLOCK)), MODEL)
    with pytest.raises(InputError, match="no simulation"):
        ShardExamples(none).batch(0, 10)


def test_a_flow_trains_from_shards(shards):
    from pontecorvo.flows.conditional_flow import ConditionalFlow
    from pontecorvo.flows.flow_settings import FlowSettings, TrainSettings
    from pontecorvo.flows.networks import NetworkSettings

    small = FlowSettings(network=NetworkSettings(width=16, blocks=1, embedding=8))
    flow = ConditionalFlow(3, ["x"], MODEL.prior.periodic, small, 0)
    flow.fit(
        ShardExamples(shards),
        TrainSettings(steps=20, batch=64),
        condition_range={"x": (-6.0, 6.0)},
        show=False,
    )
    assert np.isfinite(flow.sample(np.array([0.5]), 10, 0).u).all()
