"""The same posteriors through sbi's diagnostics and ours (run where sbi is installed)."""

import numpy as np
import pytest
from scipy.stats import norm

from pontecorvo.diagnostics import test_posteriors as specimens
from pontecorvo.diagnostics.calibration_set import Trials
from pontecorvo.diagnostics.local_classifier import local_c2st
from pontecorvo.diagnostics.random_points import tarp
from pontecorvo.diagnostics.rank_uniformity import sbc
from pontecorvo.diagnostics.test_posteriors import FAULTS, Fault, make_trials
from pontecorvo.diagnostics.two_sample import c2st

pytest.importorskip("sbi", reason="needs sbi 0.27 (its dependencies are heavy: use its own venv)")
pytestmark = [pytest.mark.crosscheck, pytest.mark.filterwarnings("ignore")]


def as_torch(array: np.ndarray):
    import torch

    return torch.tensor(array, dtype=torch.float64)


def sbi_ranks(trials: Trials) -> np.ndarray:
    from sbi.diagnostics.sbc import _run_sbc

    draws = as_torch(trials.draws.transpose(1, 0, 2))
    theta, data = as_torch(trials.truth), as_torch(trials.data)
    return _run_sbc(theta, data, draws, show_progress_bar=False).numpy()


def test_ranks_are_the_same_numbers() -> None:
    trials = make_trials("right", 200, 50, 1)
    ours = np.floor(51 * trials.ranks(trials.draws, trials.truth, 0))
    np.testing.assert_array_equal(ours, sbi_ranks(trials))


@pytest.mark.parametrize("kind", list(FAULTS))
def test_uniformity_is_judged_alike(kind: str) -> None:
    from sbi.diagnostics.sbc import check_uniformity_frequentist

    trials = make_trials(kind, 1000, 100, 2)
    p = check_uniformity_frequentist(as_torch(sbi_ranks(trials)), 100).numpy()
    assert (2 * p.min() >= 0.01) == sbc(trials, joint=False).passed


@pytest.mark.parametrize("kind", list(FAULTS))
def test_tarp_gives_the_same_curve(kind: str) -> None:
    from sbi.diagnostics.tarp import _run_tarp

    trials = make_trials(kind, 1000, 200, 3)
    scale = trials.truth.std(axis=0)  # sbi measures distances in the units it is given
    scaled = Trials(truth=trials.truth / scale, draws=trials.draws / scale, data=trials.data)
    rng = np.random.default_rng(0)
    references = rng.uniform(scaled.truth.min(axis=0), scaled.truth.max(axis=0), (1000, 2))
    draws = as_torch(scaled.draws.transpose(1, 0, 2))
    ecp, alpha = _run_tarp(draws, as_torch(scaled.truth), as_torch(references), num_bins=100)
    ours = tarp(scaled, references=references).arrays["mass"]
    mine = np.mean(ours[None] <= alpha.numpy()[:, None], axis=1)
    # theirs bins k/N into histogram cells, ours spreads each step evenly: one step apart at most
    assert np.abs(mine - ecp.numpy())[1:].max() < 0.03


@pytest.mark.parametrize("shift", [0.0, 0.5, 1.5])
def test_classifier_accuracies_agree(shift: float) -> None:
    from sbi.utils.metrics import c2st as theirs

    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(2, 1000, 3))
    y[:, 0] += shift
    accuracy = float(theirs(as_torch(x), as_torch(y), classifier="mlp"))
    ours = c2st(x, y)
    assert ours.statistic == pytest.approx(accuracy, abs=0.03 + 2 * ours.values["error"])
    # neither can beat the best possible classifier by more than its noise
    assert ours.statistic < norm.cdf(shift / 2) + 4 * ours.values["error"]


@pytest.mark.parametrize(("fault", "wrong"), [(Fault(), False), (Fault(shift=3.0), True)])
def test_local_test_agrees_on_clear_cases(fault: Fault, wrong: bool) -> None:
    from sbi.diagnostics.lc2st import LC2ST

    rng = np.random.default_rng(5)
    trials = make_trials(fault, 500, 50, 6)
    observed = specimens.simulate(1, rng)[1]
    draws = specimens.draw(observed, 500, fault, rng)[0]
    theirs = LC2ST(
        prior_samples=as_torch(trials.truth).float(),
        xs=as_torch(trials.data).float(),
        posterior_samples=as_torch(trials.draws[:, 0]).float(),
        z_score=True,
        num_trials_null=20,
    )
    theirs.train_on_observed_data()
    theirs.train_under_null_hypothesis(verbosity=0)
    p = theirs.p_value(as_torch(draws).float(), as_torch(observed).float())
    ours = local_c2st(trials, observed, draws, alpha=0.05, replicas=40)
    assert (float(p) < 0.05) == wrong
    assert ours.passed != wrong
