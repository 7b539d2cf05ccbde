import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from pontecorvo.base.errors import InputError
from pontecorvo.samplers.correction import (
    Mixture,
    UniformCube,
    correct,
    mixture_log_density,
    resample,
    weigh,
)


class Gaussian:
    def __init__(self, mean: float, width: float, dim: int = 2) -> None:
        self.mean, self.width, self.dim = mean, width, dim

    def sample(self, n: int, seed: int) -> np.ndarray:
        return np.random.default_rng(seed).normal(self.mean, self.width, (n, self.dim))

    def log_density(self, x: np.ndarray) -> np.ndarray:
        return norm.logpdf(x, self.mean, self.width).sum(axis=1)


def log_target(x: np.ndarray) -> np.ndarray:
    """Two modes of width 0.1 in the unit square, around 0.3 and 0.7, total mass e^-4."""
    modes = [norm.logpdf(x, centre, 0.1).sum(axis=1) for centre in (0.3, 0.7)]
    return np.logaddexp(*modes) + np.log(0.5) - 4.0


def test_wrong_proposal_is_corrected() -> None:
    draws, result = weigh(Gaussian(0.55, 0.25), log_target, 40_000, seed=1)
    assert result.reliable
    assert abs(result.log_evidence + 4.0) < 4 * result.log_evidence_error
    mean, error = result.mean(draws)
    assert np.all(np.abs(mean - 0.5) < 4 * error)
    second, error = result.mean((draws - 0.5) ** 2)
    assert np.all(np.abs(second - (0.04 + 0.01)) < 4 * error)
    chosen = draws[result.resample(5000, seed=2)]
    assert np.mean(chosen[:, 0] < 0.5) == pytest.approx(0.5, abs=0.03)
    assert result.log_weights is not result.weights
    assert "can be trusted" in result.verdict


def test_missing_mode_is_said_or_mended() -> None:
    narrow = Gaussian(0.3, 0.12)
    _, alone = weigh(narrow, log_target, 20_000, seed=3)
    draws, mended = weigh(narrow, log_target, 20_000, 3, fraction=0.3, safe=UniformCube(2))
    # alone, the far mode is a rare, huge weight, or never seen at all: then Z is half
    assert not alone.reliable or alone.log_evidence < -4.5
    assert mended.reliable
    assert abs(mended.log_evidence + 4.0) < 4 * mended.log_evidence_error
    mean, error = mended.mean(draws)
    assert np.all(np.abs(mean - 0.5) < 4 * error)


def test_defensive_weights_are_bounded() -> None:
    cube = UniformCube(2)
    mixed = Mixture(Gaussian(0.3, 0.05), cube, 0.1).draw(5000, seed=5)
    assert mixed.from_safe.sum() == 500
    weights = np.exp(log_target(mixed.points) - mixed.log_q)
    peak = np.exp(log_target(np.array([[0.3, 0.3]]))[0])
    assert weights.max() <= peak / 0.1 * (1 + 1e-9)


def test_heavy_tail_gets_a_warning_sentence() -> None:
    target, proposal = Gaussian(0.0, 1.0, 3), Gaussian(0.0, 0.3, 3)
    _, result = weigh(proposal, target.log_density, 5000, seed=1)
    assert not result.reliable
    assert "do not trust" in result.verdict
    assert result.verdict.count(". ") == 0  # one sentence


def test_smoothing_touches_the_weights_but_not_the_evidence() -> None:
    target, proposal = Gaussian(0.0, 1.0), Gaussian(0.2, 0.8)
    draws = proposal.sample(5000, 1)
    arguments = target.log_density(draws), proposal.log_density(draws)
    raw, smooth = correct(*arguments), correct(*arguments, smooth=True)
    assert smooth.smoothed
    assert not np.array_equal(raw.weights, smooth.weights)
    assert smooth.log_evidence == raw.log_evidence
    assert np.array_equal(smooth.log_weights, raw.log_weights)


def test_exact_proposal_needs_no_weights() -> None:
    q = Gaussian(0.0, 1.0)
    _, result = weigh(q, lambda x: q.log_density(x) + 2.5, 1000, seed=1)
    assert result.efficiency == pytest.approx(1)
    assert result.log_evidence == pytest.approx(2.5)
    assert result.log_evidence_error < 1e-6
    assert result.k_hat == 0.0


@given(st.integers(0, 500), st.integers(1, 60), st.integers(1, 300))
@settings(max_examples=80, deadline=None)
def test_systematic_counts_are_floor_or_ceiling(seed: int, n: int, draws: int) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.full(n, 0.3)) * (rng.random(n) < 0.8)
    if weights.sum() == 0:
        weights[0] = 1.0
    counts = np.bincount(resample(weights, draws, seed), minlength=n)
    expected = draws * weights / weights.sum()
    assert counts.sum() == draws
    assert np.all(counts >= np.floor(expected - 1e-9))
    assert np.all(counts <= np.ceil(expected + 1e-9))


def test_multinomial_frequencies_and_seeds() -> None:
    weights = np.array([0.1, 0.0, 0.6, 0.3])
    chosen = resample(weights, 100_000, 4, "multinomial")
    np.testing.assert_allclose(np.bincount(chosen, minlength=4) / 1e5, weights, atol=0.006)
    assert np.array_equal(chosen, resample(weights, 100_000, 4, "multinomial"))
    assert not np.array_equal(chosen, resample(weights, 100_000, 5, "multinomial"))


def test_mixture_density_integrates_to_one() -> None:
    grid = np.linspace(-3, 4, 20_001)[:, None]
    q, cube = Gaussian(0.2, 0.3, 1), UniformCube(1)
    log_density = mixture_log_density(q.log_density(grid), cube.log_density(grid), 0.25)
    assert np.trapezoid(np.exp(log_density), grid[:, 0]) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    ("log_p", "log_q", "word"),
    [
        (np.zeros(3), np.zeros(4), "one length"),
        (np.zeros(3), np.array([0, np.nan, 0]), "not finite"),
        (np.array([0, np.nan, 0]), np.zeros(3), "NaN"),
        (np.full(3, -np.inf), np.zeros(3), "weight zero"),
    ],
)
def test_bad_input_is_refused(log_p: np.ndarray, log_q: np.ndarray, word: str) -> None:
    with pytest.raises(InputError, match=word):
        correct(log_p, log_q)


def test_bad_settings_are_refused() -> None:
    with pytest.raises(InputError, match="allowed: systematic"):
        resample(np.ones(3), 3, 0, "stratified")
    with pytest.raises(InputError, match="between 0 and 1"):
        Mixture(UniformCube(1), UniformCube(1), 1.5)
    with pytest.raises(InputError, match="safe density"):
        weigh(UniformCube(1), lambda x: x[:, 0], 10, 0, fraction=0.1)
