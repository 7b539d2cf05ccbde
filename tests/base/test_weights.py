import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import genpareto, norm

from pontecorvo.base.errors import InputError
from pontecorvo.base.weights import _fit_pareto as fit_pareto
from pontecorvo.base.weights import _log_pareto_quantile as log_pareto_quantile
from pontecorvo.base.weights import k_limit, kish_ess, log_evidence, normalised, pareto_k, psis


def gaussian_log_weights(
    width: float, n: int = 20_000, seed: int = 1, d: int = 1, shift: float = 0.0
) -> np.ndarray:
    """log[standard normal / normal(0, width)] in d dimensions."""
    x = np.random.default_rng(seed).normal(shift, width, size=(n, d))
    return np.sum(norm.logpdf(x) - norm.logpdf(x, shift, width), axis=1)


def test_ess_of_equal_and_of_single_weights() -> None:
    assert kish_ess(np.full(50, -700.0)) == pytest.approx(50)
    assert kish_ess(np.array([0.0, -np.inf, -np.inf])) == pytest.approx(1)


@given(st.integers(2, 40), st.integers(0, 1000), st.floats(-1e4, 1e4))
@settings(max_examples=50, deadline=None)
def test_ess_bounds_and_invariance(n: int, seed: int, shift: float) -> None:
    log_w = np.random.default_rng(seed).normal(size=n)
    assert 1 <= kish_ess(log_w) <= n + 1e-9
    assert kish_ess(log_w + shift) == pytest.approx(kish_ess(log_w), rel=1e-8)
    assert log_evidence(log_w + shift)[0] == pytest.approx(log_evidence(log_w)[0] + shift, abs=1e-8)


def test_ess_against_the_exact_value() -> None:
    # for N(0,1) under N(0,s): E[w^2] = s / sqrt(2 - 1/s^2) in one dimension
    width = 1.3
    exact = 1 / (width / np.sqrt(2 - width**-2))
    assert kish_ess(gaussian_log_weights(width, 200_000)) / 200_000 == pytest.approx(
        exact, rel=5e-3
    )


def test_evidence_is_unbiased_and_its_error_honest() -> None:
    pulls = []
    for seed in range(200):
        log_z, error = log_evidence(gaussian_log_weights(1.5, 500, seed) + 3.0)
        pulls.append((log_z - 3.0) / error)
    assert abs(np.mean(pulls)) < 4 / np.sqrt(200)
    assert 0.8 < np.std(pulls) < 1.2


def test_zero_weights_count_in_the_evidence() -> None:
    log_w = np.concatenate([np.zeros(25), np.full(75, -np.inf)])
    log_z, error = log_evidence(log_w)
    assert log_z == pytest.approx(np.log(0.25))
    assert error == pytest.approx(np.sqrt(0.75 / 0.25 / 99))


@pytest.mark.parametrize("shape", [-0.3, 0.2, 0.5, 0.9])
def test_pareto_fit_recovers_the_shape(shape: float) -> None:
    u = (np.arange(5000) + 0.5) / 5000
    excess = 2.0 * np.expm1(-shape * np.log1p(-u)) / shape
    k, scale = fit_pareto(np.sort(excess))
    assert k == pytest.approx(shape, abs=0.05)
    assert scale == pytest.approx(2.0, rel=0.05)


def test_k_hat_tells_light_from_heavy_tails() -> None:
    assert pareto_k(gaussian_log_weights(1.2)) < 0.3  # proposal wider: bounded weights
    # narrower proposals: P(w > t) falls as t^(-1 / (1 - s^2)), so the shape is 1 - s^2
    for width in (0.3, 0.5):
        assert pareto_k(gaussian_log_weights(width, 200_000)) == pytest.approx(
            1 - width**2, abs=0.12
        )


def test_smoothing_keeps_the_bulk_the_order_and_the_scale() -> None:
    log_w = gaussian_log_weights(0.8, 4000) - 100
    smooth, k = psis(log_w)
    assert np.isfinite(k)
    changed = smooth != log_w
    assert 0 < changed.sum() <= np.ceil(3 * np.sqrt(4000))
    assert smooth.max() <= log_w.max()
    assert np.array_equal(np.argsort(smooth[~changed]), np.argsort(log_w[~changed]))
    assert np.all(np.diff(smooth[np.argsort(log_w)]) >= 0)


@pytest.mark.parametrize("width", [30.0, 300.0, 3000.0])
def test_weights_of_hopeless_proposals_are_smoothed_in_silence(width: float) -> None:
    log_weights = width * np.random.default_rng(4).normal(size=512)
    smooth, k = psis(log_weights)  # warnings are errors here
    assert k > 5
    assert np.isfinite(smooth).all()
    assert smooth.max() <= log_weights.max()


@pytest.mark.parametrize("shape", [-0.4, 0.0, 0.3, 2.0])
def test_pareto_quantiles_are_those_of_scipy(shape: float) -> None:
    u = np.array([0.01, 0.3, 0.9, 0.999])
    given = np.exp(log_pareto_quantile(u, shape, 1.7))
    np.testing.assert_allclose(given, genpareto.ppf(u, shape, scale=1.7), rtol=1e-12)


def test_special_tails() -> None:
    assert pareto_k(np.zeros(1000)) == 0.0
    assert pareto_k(np.where(np.arange(1000) % 3, 0.0, -np.inf)) == 0.0
    assert pareto_k(np.array([0.0, -1.0, -2.0])) == np.inf


def test_normalised() -> None:
    assert normalised(np.array([-1e5, -1e5])) == pytest.approx([0.5, 0.5])


def test_limit_follows_the_number_of_draws() -> None:
    assert k_limit(10**6) == 0.7
    assert k_limit(100) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        (np.array([0.0, np.nan]), "NaN"),
        (np.array([0.0, np.inf]), r"\+inf"),
        (np.full(3, -np.inf), "weight zero"),
        (np.zeros((2, 2)), "shape"),
        (np.zeros(0), "at least one"),
    ],
)
def test_bad_weights_are_refused(bad: np.ndarray, word: str) -> None:
    with pytest.raises(InputError, match=word):
        kish_ess(bad)


@pytest.mark.crosscheck
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("width", [0.5, 0.7, 0.9, 1.3])
@pytest.mark.parametrize("dimension", [1, 5])
def test_psis_agrees_with_arviz(width: float, dimension: int) -> None:
    arviz = pytest.importorskip("arviz")
    log_w = gaussian_log_weights(width, 3000, 7, dimension)
    theirs, k_theirs = arviz.psislw(log_w.copy(), normalize=True)
    ours, k = psis(log_w)
    assert k == pytest.approx(float(k_theirs), abs=1e-10)
    np.testing.assert_allclose(np.exp(ours) / np.exp(ours).sum(), np.exp(theirs), atol=1e-12)
