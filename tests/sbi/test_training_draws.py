"""Examples of a network follow the broad posterior, and a killed run ends in the same bytes."""

import numpy as np
import pytest

from pontecorvo.sbi.training_draws import posterior_examples
from toys import exact_answer, linear_target


def examples(folder=None, **changes):
    options = {"chains": 1500, "thin": 4, "burn": 100, "proposals": 1 << 17, **changes}
    target = linear_target()
    u = posterior_examples(target, target.raw_chart, 4000, 3, folder, **options)
    return target.raw_chart.to_parameters(u)[0]


def test_they_follow_the_posterior():
    theta = examples()
    assert theta.shape == (4500, 3), "rounded up to whole snapshots of the chains"
    mean, covariance, _ = exact_answer()
    np.testing.assert_allclose(theta[:, :2].mean(axis=0), mean, atol=0.06)
    np.testing.assert_allclose(np.cov(theta[:, :2].T), covariance, atol=0.06)
    # a snapshot of all chains after the other; neighbours of one chain are related, no more
    first, second = theta[:1500, 0], theta[1500:3000, 0]
    assert 0 < np.corrcoef(first, second)[0, 1] < 0.99


def test_blocks_are_kept_and_taken_up(tmp_path, monkeypatch):
    whole = examples(tmp_path)
    kept = sorted(tmp_path.rglob("examples-*.npz"))
    assert len(kept) == 2
    kept[0].unlink()
    from pontecorvo.samplers import mcmc

    calls, run = [], mcmc.Walk.run
    monkeypatch.setattr(mcmc.Walk, "run", lambda self, *a: calls.append(1) or run(self, *a))
    np.testing.assert_array_equal(examples(tmp_path), whole)
    assert len(calls) == 4, "one block: its burn-in and three snapshots"
    np.testing.assert_array_equal(examples(), whole)
    with pytest.raises(AssertionError):
        np.testing.assert_array_equal(examples(burn=101), whole)
