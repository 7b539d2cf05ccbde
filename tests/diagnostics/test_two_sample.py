from functools import partial

import numpy as np
import pytest
from scipy.stats import norm

from pontecorvo.base.errors import InputError
from pontecorvo.diagnostics.classifier import ClassifierSettings
from pontecorvo.diagnostics.sample_distances import energy_distance as energy_distance_
from pontecorvo.diagnostics.sample_distances import marginal_distances as marginal_distances_
from pontecorvo.diagnostics.two_sample import c2st as c2st_

QUICK = ClassifierSettings(hidden=(32, 32), epochs=25, batch=256)
# one seed a case: alarms at 1 in 1000, so that an honest change of seed does not break the suite
c2st = partial(c2st_, alpha=1e-3)
energy_distance = partial(energy_distance_, alpha=1e-3, max_draws=700)
marginal_distances = partial(marginal_distances_, alpha=1e-3)


def gaussians(seed: int, n: int = 1500, d: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)), rng.normal(size=(n, d))


def two_modes(n: int, rng: np.random.Generator) -> np.ndarray:
    x = 0.4 * rng.normal(size=(n, 2))
    x[:, 0] += rng.choice([-1.5, 1.5], size=n)
    return x


def broken(kind: str, seed: int, n: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    """Draws of a two-mode truth, and draws of it or of a wrong version."""
    rng = np.random.default_rng(seed)
    truth, other = two_modes(n, rng), two_modes(n, rng)
    if kind == "narrow":
        other[:, 1] *= 0.7
    elif kind == "wide":
        other[:, 1] *= 1.4
    elif kind == "shifted":
        other[:, 1] += 0.15
    elif kind == "missing mode":
        other[:, 0] = np.abs(other[:, 0])
    return truth, other


WRONG = ["narrow", "wide", "shifted", "missing mode"]


@pytest.mark.parametrize("kind", WRONG)
def test_every_test_sees_every_fault(kind: str) -> None:
    x, y = broken(kind, 1)
    for verdict in (c2st(x, y, settings=QUICK), marginal_distances(x, y), energy_distance(x, y)):
        assert verdict.p_value < 0.01, verdict


def test_equal_sets_pass() -> None:
    x, y = broken("right", 2)
    assert c2st(x, y, settings=QUICK).passed
    assert marginal_distances(x, y).passed
    assert energy_distance(x, y).passed


@pytest.mark.parametrize("classifier", ["network", "trees", "products"])
def test_accuracy_is_the_best_possible_one(classifier: str) -> None:
    x, y = gaussians(3, 2000)
    y[:, 0] += 1.0
    verdict = c2st(x, y, classifier=classifier, settings=QUICK)
    assert verdict.statistic == pytest.approx(norm.cdf(0.5), abs=0.03)
    assert verdict.values["auc"] == pytest.approx(norm.cdf(1 / np.sqrt(2)), abs=0.03)
    assert not verdict.passed


def test_correlation_alone_is_seen() -> None:
    x, y = gaussians(4, 2000)
    y[:, 1] = 0.8 * y[:, 0] + 0.6 * y[:, 1]
    assert c2st(x, y, settings=QUICK).statistic > 0.6
    assert not energy_distance(x, y).passed
    assert marginal_distances(x, y).passed  # blind to it, as it must be


def weighted_pair(seed: int, n: int = 2000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draws of N(0,1), draws of N(0.5, 1.2), and log weights that turn these into N(0,1)."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n, 2)), rng.normal(0.5, 1.2, size=(n, 2))
    return x, y, np.sum(norm.logpdf(y) - norm.logpdf(y, 0.5, 1.2), axis=1)


def test_importance_weights_are_respected() -> None:
    x, y, log_w = weighted_pair(5)
    for test in (marginal_distances, energy_distance, lambda *a: c2st(*a, settings=QUICK)):
        assert not test(x, y).passed
        assert test(x, y, None, log_w).passed
        assert test(y, x, log_w, None).passed


def test_weights_that_are_wrong_are_seen() -> None:
    x, y, log_w = weighted_pair(6)
    for test in (marginal_distances, energy_distance, lambda *a: c2st(*a, settings=QUICK)):
        assert not test(x, y, None, 0.5 * log_w).passed


def test_periodic_columns_have_no_ends() -> None:
    rng = np.random.default_rng(7)
    x, y = 0.1 * rng.normal(size=(2, 1000, 1)) % 1.0
    shifted = (y + 0.03) % 1.0
    flag = np.array([True])
    for test in (marginal_distances, energy_distance):
        assert test(x, y, periodic=flag).passed
        assert not test(x, shifted, periodic=flag).passed
    assert c2st(x, y, periodic=flag, settings=QUICK).passed
    assert not c2st(x, shifted, periodic=flag, settings=QUICK).passed
    moved = [marginal_distances((x + s) % 1, (y + s) % 1, periodic=flag) for s in (0.0, 0.37)]
    distances = [v.arrays["distance"][0] for v in moved]
    assert distances[0] == pytest.approx(distances[1], abs=1e-12)


def test_duplicates_do_not_betray_their_set() -> None:
    x, y = gaussians(8, 600)
    repeated = y[np.random.default_rng(0).integers(0, 600, 6000)]
    assert c2st(x, repeated, settings=QUICK).passed


def test_limit_and_line() -> None:
    x, y = gaussians(9)
    y += 0.1
    strict, mild = (c2st(x, y, limit=limit, settings=QUICK) for limit in (0.5, 0.6))
    assert not strict.passed
    assert mild.passed
    assert "0.600" in mild.line
    assert mild.statistic == strict.statistic  # same seed, same folds and networks
    assert len(mild.arrays["score_x"]) == 1500


def test_constant_column_is_harmless() -> None:
    x, y = gaussians(10)
    x[:, 2] = y[:, 2] = 3.0
    assert c2st(x, y, settings=QUICK).passed
    assert marginal_distances(x, y).passed


def test_bad_input_is_refused() -> None:
    x, y = gaussians(11, 100)
    with pytest.raises(InputError, match="same columns"):
        c2st(x, y[:, :2])
    with pytest.raises(InputError, match="NaN"):
        c2st(np.full((50, 3), np.nan), y)
    with pytest.raises(InputError, match="one a draw"):
        c2st(x, y, log_weights_x=np.zeros(5))
    with pytest.raises(InputError, match="allowed: network, trees, products"):
        c2st(x, y, classifier="forest")
    with pytest.raises(InputError, match="one flag a column"):
        c2st(x, y, periodic=np.array([True]))
    with pytest.raises(InputError, match="four draws"):
        c2st(x[:12], y, folds=5)
