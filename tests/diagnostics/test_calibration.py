"""SBC, coverage, TARP and pulls on posteriors known right and known wrong in each classic way."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import kstest

from pontecorvo.base.errors import InputError
from pontecorvo.diagnostics import test_posteriors as specimens
from pontecorvo.diagnostics.calibration_set import Trials
from pontecorvo.diagnostics.expected_coverage import coverage
from pontecorvo.diagnostics.pull_moments import moment_pulls, pulls
from pontecorvo.diagnostics.random_points import tarp
from pontecorvo.diagnostics.rank_uniformity import fault_in_words, sbc
from pontecorvo.diagnostics.slices import by_slice
from pontecorvo.diagnostics.test_posteriors import FAULTS, Fault, make_trials
from pontecorvo.diagnostics.verdict import Verdict

OTHER = Fault(width=1.3, shift=0.3)
CHECKS = [sbc, coverage, tarp, pulls]
WRONG = [name for name in FAULTS if name != "right"]
Check = Callable[..., Verdict]


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("proposal", [None, OTHER], ids=["drawn", "weighted"])
class TestAlarms:
    @pytest.mark.parametrize("kind", WRONG)
    def test_wrong_posteriors_are_caught(
        self, check: Check, kind: str, proposal: Fault | None
    ) -> None:
        caught = [not check(make_trials(kind, 600, 60, s, proposal)).passed for s in range(5)]
        assert np.mean(caught) >= 0.8

    def test_right_posteriors_pass(self, check: Check, proposal: Fault | None) -> None:
        alarms = [
            not check(make_trials("right", 300, 40, s, proposal), seed=s).passed for s in range(40)
        ]
        assert np.sum(alarms) <= 4  # at 1 in 100, five or more happen once in 20,000


@pytest.mark.parametrize("n", [1, 3, 50])
def test_weighted_ranks_are_uniform_whatever_the_effective_size(n: int) -> None:
    # even with one or three draws of a bad proposal, where no weighted mean could be trusted
    trials = make_trials("right", 4000, n, 1, Fault(width=0.6, shift=1.0))
    ranks = trials.ranks(trials.draws, trials.truth, seed=1)
    for column in ranks.T:
        assert kstest(column, "uniform").pvalue > 1e-3


def test_without_the_truths_weight_the_rank_is_nearly_right_for_many_draws() -> None:
    trials = make_trials("right", 1000, 400, 2, Fault(width=1.2, shift=0.2))
    bare = Trials(truth=trials.truth, draws=trials.draws, log_weights=trials.log_weights)
    assert sbc(bare).passed
    close = trials.ranks(trials.draws, trials.truth, 0) - bare.ranks(bare.draws, bare.truth, 0)
    assert np.abs(close).max() < 0.05


def test_equal_weights_are_no_weights() -> None:
    plain = make_trials("right", 200, 30, 3)
    equal = Trials(
        truth=plain.truth,
        draws=plain.draws,
        log_weights=np.full((200, 30), -7.0),
        truth_log_weight=np.full(200, -7.0),
    )
    np.testing.assert_allclose(
        plain.ranks(plain.draws, plain.truth, 1), equal.ranks(equal.draws, equal.truth, 1)
    )


def test_raw_and_corrected_are_told_apart() -> None:
    trials = make_trials("right", 600, 60, 4, Fault(width=0.7))
    assert sbc(trials).passed
    assert not sbc(trials.unweighted()).passed


def test_a_posterior_that_ignores_the_data_needs_the_right_diagnostic() -> None:
    # the prior as posterior: ranks and density regions are perfect, only TARP's references see it
    rng = np.random.default_rng(5)
    truth, data = specimens.simulate(1000, rng)
    fresh, _ = specimens.simulate(60_000, rng)
    trials = Trials(truth=truth, draws=fresh.reshape(1000, 60, 2), data=data)
    assert sbc(trials).passed
    assert tarp(trials, references="uniform").passed
    assert tarp(trials).passed  # a draw of the prior knows nothing of the data either
    assert not tarp(trials, references=data * [1, 1]).passed


def test_the_sentence_names_the_fault() -> None:
    words = {
        "too narrow": "too narrow",
        "too wide": "too wide",
        "shifted": "too high",
    }
    for kind, word in words.items():
        trials = make_trials(kind, 800, 60, 6)
        assert word in fault_in_words(trials.ranks(trials.draws, trials.truth, 0)[:, 1])
    narrow, wide = (coverage(make_trials(kind, 800, 60, 6)) for kind in ("too narrow", "too wide"))
    assert "overconfident" in narrow.line
    assert "underconfident" in wide.line
    assert narrow.values["coverage"]["0.9"] < 0.85 < 0.93 < wide.values["coverage"]["0.9"]
    assert "theta_" in str(pulls(make_trials("shifted", 800, 60, 6)))


def test_pulls_measure_width_and_shift() -> None:
    verdict = pulls(make_trials(Fault(width=0.5, shift=0.0), 1500, 400, 7))
    # for a claim half as wide, the pull of the normal parameter has width 2
    moments = verdict.arrays["moment_pulls"][:, 1]
    assert moments.std() == pytest.approx(2.0, rel=0.08)
    shifted = moment_pulls(make_trials(Fault(shift=1.0), 1500, 400, 8))
    assert shifted[:, 1].mean() == pytest.approx(-1.0, abs=0.1)


def periodic_trials(shift: float, seed: int) -> Trials:
    """A posterior N(x, 0.05) on a circle of length one, with data everywhere on it."""
    rng = np.random.default_rng(seed)
    truth = rng.random((800, 1))
    data = truth + 0.05 * rng.normal(size=truth.shape)
    draws = (data[:, None] + shift + 0.05 * rng.normal(size=(800, 60, 1))) % 1.0
    return Trials(truth=truth, draws=draws, data=data % 1.0, periodic=np.array([True]))


def test_periodic_parameters_have_no_ends() -> None:
    right, wrong = periodic_trials(0.0, 9), periodic_trials(0.03, 9)
    for check in (sbc, tarp, pulls):
        assert check(right).passed
    assert not sbc(wrong).passed
    assert moment_pulls(right).std() == pytest.approx(1.0, rel=0.1)
    assert moment_pulls(wrong).mean() == pytest.approx(-0.6, abs=0.15)
    # the ball around a reference across the cut is a ball: distances go the short way round
    far = tarp(right, references=np.where(right.truth > 0.5, 0.02, 0.98))
    assert np.isfinite(far.statistic)


def test_a_fault_in_one_corner_is_found_by_slices() -> None:
    trials = make_trials("right", 2000, 60, 10)
    assert trials.data is not None
    corner = trials.data[:, 1] > 1.2
    draws = trials.draws.copy()
    middle = draws[corner].mean(axis=1, keepdims=True)
    draws[corner, :, 1] = (middle + 0.5 * (draws[corner] - middle))[..., 1]
    spoilt = Trials(truth=trials.truth, draws=draws, data=trials.data)
    together, parts = by_slice(sbc, spoilt, trials.data[:, 1], 5, "x_2")
    assert not together.passed
    assert [v.passed for v in parts] == [True, True, True, True, False]
    assert "x_2" in together.line
    assert by_slice(sbc, trials, trials.data[:, 1], 5)[0].passed


def test_verdicts_describe_themselves_in_plain_types() -> None:
    import json

    for check in CHECKS:
        verdict = check(make_trials("right", 100, 20, 1))
        text = json.dumps(verdict.describe(), default=float)
        assert verdict.name in text
        assert str(verdict).startswith(("pass", "FAIL"))
        assert verdict.arrays


def test_same_seed_same_verdict() -> None:
    trials = make_trials("right", 100, 20, 1)
    for check in CHECKS:
        first, again = check(trials, seed=3), check(trials, seed=3)
        assert (first.statistic, first.passed, first.line) == (
            again.statistic,
            again.passed,
            again.line,
        )


def test_bad_input_is_refused() -> None:
    trials = make_trials("right", 100, 20, 1)
    with pytest.raises(InputError, match="must be"):
        Trials(truth=trials.truth[:50], draws=trials.draws)
    with pytest.raises(InputError, match="NaN"):
        Trials(truth=np.full((100, 2), np.nan), draws=trials.draws)
    with pytest.raises(InputError, match="only zero weights"):
        Trials(truth=trials.truth, draws=trials.draws, log_weights=np.full((100, 20), -np.inf))
    with pytest.raises(InputError, match="names for 2"):
        Trials(truth=trials.truth, draws=trials.draws, names=("one",))
    bare = Trials(truth=trials.truth, draws=trials.draws)
    with pytest.raises(InputError, match="log_density"):
        coverage(bare)
    with pytest.raises(InputError, match="allowed: uniform"):
        tarp(bare, references="random")
    with pytest.raises(InputError, match="use at most 2"):
        by_slice(sbc, bare, np.arange(100.0), 10)
    with pytest.raises(InputError, match="fault 'too thin'"):
        make_trials("too thin", 10, 10, 1)


def test_pulls_of_a_truth_that_outweighs_every_draw_are_finite():
    rng = np.random.default_rng(8)
    trials = Trials(
        truth=rng.standard_normal((40, 1)),
        draws=rng.standard_normal((40, 30, 1)),
        log_weights=np.zeros((40, 30)),
        truth_log_weight=np.full(40, 900.0),
    )
    assert np.isfinite(moment_pulls(trials)).all()
