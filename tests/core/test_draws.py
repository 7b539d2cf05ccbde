"""Draws: to arrays and back, weights of logs, and resampling with the least noise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pontecorvo.base.files import kept_arrays, save_arrays
from pontecorvo.core.draws import Draws, systematic_resample, weights_from_logs


def some_draws(**more):
    rng = np.random.default_rng(1)
    return Draws(
        rng.random((5, 2)), *rng.normal(size=(3, 5)), -3.5, 0.02, 0.4, 4.2, True, "smc", **more
    )


@pytest.mark.parametrize(
    "more", [{}, {"log_q": np.arange(5.0), "chain": np.arange(5), "notes": {"a": [1, None, "b"]}}]
)
def test_through_a_file_and_back(more, tmp_path):
    draws = some_draws(**more)
    save_arrays(tmp_path / "draws.npz", **draws.to_arrays())
    again = Draws.from_arrays(kept_arrays(tmp_path / "draws.npz"))
    for name, value in vars(draws).items():
        found = getattr(again, name)
        assert type(found) is type(value), name
        assert np.array_equal(found, value) if isinstance(value, np.ndarray) else found == value


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=20), st.floats(-1e4, 1e4))
def test_weights_forget_a_constant(logs, constant):
    logs = np.array(logs)
    weight = weights_from_logs(logs)
    assert weight.sum() == pytest.approx(1)
    assert weights_from_logs(logs + constant) == pytest.approx(weight, rel=1e-9, abs=1e-12)
    assert np.log(weight[0] / weight.max()) == pytest.approx(logs[0] - logs.max(), abs=1e-9)


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=12).filter(lambda w: sum(w) > 0.1),
    st.integers(1, 200),
    st.integers(0, 99),
)
def test_counts_differ_from_their_means_by_less_than_one(weight, size, seed):
    weight = np.array(weight) / np.sum(weight)
    chosen = systematic_resample(weight, size, np.random.default_rng(seed))
    counts = np.bincount(chosen, minlength=len(weight))
    assert counts.sum() == size
    assert (np.abs(counts - size * weight) < 1 + 1e-6).all()
