import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.diagnostics import test_posteriors as specimens
from pontecorvo.diagnostics.calibration_set import Trials
from pontecorvo.diagnostics.local_classifier import local_c2st
from pontecorvo.diagnostics.test_posteriors import FAULTS, Fault, make_trials
from pontecorvo.diagnostics.verdict import Verdict

OTHER = Fault(width=1.3, shift=0.3)


def local(kind: str | Fault, proposal: Fault | None = None, seed: int = 1) -> Verdict:
    claim = FAULTS[kind] if isinstance(kind, str) else kind
    rng = np.random.default_rng(seed)
    data = specimens.simulate(3, rng)[1]
    draws = specimens.draw(data, 100, proposal or claim, rng)
    log_w = None
    if proposal is not None:
        at = [specimens.log_density(draws, data, fault) for fault in (claim, proposal)]
        log_w = at[0] - at[1]
    trials = make_trials(claim, 500, 30, seed, proposal)
    return local_c2st(trials, data, draws, log_w, alpha=0.05, replicas=39, seed=seed)


def test_right_passes_and_gross_faults_do_not() -> None:
    assert local("right").p_value >= 0.025  # 1/40 is the smallest it can be
    assert not local(Fault(width=0.5)).passed
    assert not local("missing mode").passed


def test_weights_count() -> None:
    assert local("right", OTHER).p_value > 0.025
    assert not local(Fault(shift=1.5), OTHER).passed


def test_the_score_points_to_the_missing_mass() -> None:
    verdict = local(Fault(shift=1.5))
    assert verdict.arrays["score"].shape == (3, 100)
    assert verdict.arrays["p_value"].shape == (3,)
    rng = np.random.default_rng(1)
    data = specimens.simulate(3, rng)[1]
    draws = specimens.draw(data, 100, Fault(shift=1.5), rng)
    # the claim lies too high in theta_2, so a truth is likelier below
    slope = np.corrcoef(
        draws[..., 1].ravel() - 0.8 * np.repeat(data[:, 1], 100), verdict.arrays["score"].ravel()
    )[0, 1]
    assert slope < -0.3


def test_a_local_fault_is_seen_where_it_is() -> None:
    """Too narrow where x_2 > 0, right elsewhere."""
    rng = np.random.default_rng(3)
    truth, data = specimens.simulate(1500, rng)
    good, narrow = FAULTS["right"], Fault(width=0.5)

    def claimed(x: np.ndarray, n: int) -> np.ndarray:
        spoilt = (x[:, 1] > 0)[:, None, None]
        return np.where(spoilt, specimens.draw(x, n, narrow, rng), specimens.draw(x, n, good, rng))

    trials = Trials(truth=truth, draws=claimed(data, 50), data=data)
    there = np.array([[3.0, 1.0], [3.0, -1.0]])
    verdict = local_c2st(trials, there, claimed(there, 300), alpha=0.01)
    assert verdict.arrays["p_value"][0] < 0.01
    assert verdict.arrays["statistic"][0] > 4 * verdict.arrays["statistic"][1]


def test_bad_input_is_refused() -> None:
    trials = make_trials("right", 50, 5, 1)
    with pytest.raises(InputError, match="have no data"):
        local_c2st(Trials(truth=trials.truth, draws=trials.draws), np.zeros(2), trials.draws[0])
    with pytest.raises(InputError, match="rows of 2 data"):
        local_c2st(trials, np.zeros(3), trials.draws[0])
    with pytest.raises(InputError, match="have 5 draws"):
        local_c2st(trials, np.zeros(2), trials.draws[0], per_trial=6)
