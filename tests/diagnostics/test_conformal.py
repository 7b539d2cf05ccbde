"""Conformal intervals: the finite-sample guarantee, whatever the network; angles; refusals."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pontecorvo.base.errors import InputError
from pontecorvo.diagnostics.calibration_set import Trials
from pontecorvo.diagnostics.conformal import (
    Conformal,
    calibrate_intervals,
    coverage_of_intervals,
)


def trials(s, n, rng, spread=1.0, shift=0.0, angle=False):
    """Truth N(0, 1), data truth + N(0, 1), and the draws of a wrong network."""
    truth = rng.normal(size=(s, 1)) * (3 if angle else 1)
    data = truth + rng.normal(size=(s, 1))
    draws = data[:, None] / 2 + shift + spread * rng.normal(size=(s, n, 1))
    if angle:
        return Trials(truth % 6.0, draws % 6.0, periodic=np.array([True]), period=6.0)
    return Trials(truth, draws)


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(5, 40),
    level=st.floats(0.3, 0.8),
    spread=st.floats(0.05, 3),
    shift=st.floats(-2, 2),
    angle=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_guarantee_holds_to_the_last_simulation(n, level, spread, shift, angle, seed):
    """Of n + 1 exchangeable simulations each may be the new one: exactly k of them are held.

    So the coverage is k / (n + 1) with k = ceil((n + 1) level): no statistics, any network.
    """
    every = trials(n + 1, 9, np.random.default_rng(seed), spread, shift, angle)
    rank = int(np.ceil((n + 1) * level - 1e-9))
    held = 0
    for new in range(n + 1):
        others = np.delete(np.arange(n + 1), new)
        made = calibrate_intervals(every.subset(others), [level])
        held += made.holds(every.subset(np.array([new]))).item()
    assert held == rank
    assert rank / (n + 1) >= level - 1e-9


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_intervals_and_scores_agree(seed, angle):
    rng = np.random.default_rng(seed)
    made = calibrate_intervals(trials(60, 15, rng, 0.3, angle=angle))
    fresh = trials(40, 15, rng, 0.3, angle=angle)
    found = made.intervals(fresh.draws)
    middle, half = found.mean(axis=-1), np.diff(found)[..., 0] / 2
    away = fresh.truth[:, :, None] - middle
    if angle:
        away = (away + 3.0) % 6.0 - 3.0
    clear = np.abs(np.abs(away) - half) > 1e-9
    np.testing.assert_array_equal(made.holds(fresh)[clear], (np.abs(away) < half)[clear])


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(12, 60), st.sampled_from([0.5, 0.68, 0.9]))
def test_exactly_the_rank_many_of_the_calibration_set_are_held(seed, n, level):
    """The identity behind the guarantee, without statistics: scores at or below the k-th."""
    sample = trials(n, 20, np.random.default_rng(seed))
    made = calibrate_intervals(sample, [level])
    assert made.holds(sample).sum() == int(np.ceil((n + 1) * level - 1e-9))


def test_an_overconfident_network_is_mended_and_a_good_one_left_alone():
    rng = np.random.default_rng(1)
    good, bad = np.sqrt(0.5), 0.2
    for spread in (good, bad):
        made = calibrate_intervals(trials(4000, 200, rng, spread))
        rows = coverage_of_intervals(made, trials(4000, 200, rng, spread))
        for row in rows:
            assert abs(row["covered"] - row["level"]) < 0.03
            assert row["covered_95"][0] < row["covered"] < row["covered_95"][1]
        if spread == bad:
            assert rows[-1]["network_alone"] < 0.6
            assert rows[-1]["width_ratio"] > 2
        else:
            assert 0.9 < rows[-1]["width_ratio"] < 1.15


def test_weights_count_and_draws_without_weight_do_not():
    rng = np.random.default_rng(2)
    plain = trials(50, 30, rng)
    far = np.concatenate([plain.draws, np.full((50, 10, 1), 1e6)], axis=1)
    weights = np.concatenate([np.zeros((50, 30)), np.full((50, 10), -np.inf)], axis=1)
    one = calibrate_intervals(plain, [0.68])
    other = calibrate_intervals(Trials(plain.truth, far, weights), [0.68])
    np.testing.assert_allclose(other.corrections, one.corrections)


def test_an_interval_of_an_angle_never_exceeds_the_circle():
    made = calibrate_intervals(trials(300, 30, np.random.default_rng(3), 0.1, angle=True))
    found = made.intervals(trials(20, 30, np.random.default_rng(4), 2.0, angle=True).draws)
    width = found[..., 1] - found[..., 0]
    assert (width > 0).all()
    assert (width <= 6 + 1e-12).all()


def test_a_calibration_is_read_back_from_json():
    sample = trials(60, 20, np.random.default_rng(5), angle=True)
    made = calibrate_intervals(sample)
    again = Conformal.from_description(json.loads(json.dumps(made.describe())))
    np.testing.assert_array_equal(again.intervals(sample.draws), made.intervals(sample.draws))
    for damaged in ({}, made.describe() | {"corrections": [[1.0]]}, {"levels": 3}):
        with pytest.raises(InputError, match="conformal"):
            Conformal.from_description(damaged)


def test_too_few_simulations_and_other_numbers_of_draws_are_refused():
    sample = trials(18, 20, np.random.default_rng(6))
    with pytest.raises(InputError, match="at least 19"):
        calibrate_intervals(sample, [0.95])
    calibrate_intervals(trials(19, 20, np.random.default_rng(6)), [0.95])
    with pytest.raises(InputError, match="between 0 and 1"):
        calibrate_intervals(sample, [1.0])
    made = calibrate_intervals(sample, [0.5])
    with pytest.raises(InputError, match="calibrated for"):
        made.intervals(np.zeros((3, 21, 1)))


def test_a_network_that_gives_points_has_infinite_intervals():
    rng = np.random.default_rng(7)
    truth = rng.normal(size=(40, 1))
    made = calibrate_intervals(Trials(truth, np.zeros((40, 5, 1))), [0.5])
    assert np.isinf(made.corrections).all()
