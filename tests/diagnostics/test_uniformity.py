import numpy as np
import pytest

from pontecorvo.diagnostics.uniformity import bonferroni, ecdf, uniform_band, uniformity_p


@pytest.mark.parametrize("n", [20, 100, 1000])
def test_p_values_are_uniform_under_the_null(n: int) -> None:
    rng = np.random.default_rng(n)
    p = np.array([uniformity_p(rng.random(n)) for _ in range(2000)])
    for level in (0.01, 0.05, 0.2):
        # a discrete statistic may be conservative, never too eager
        assert np.mean(p <= level) <= level + 4 * np.sqrt(level * (1 - level) / 2000)
    assert np.mean(p <= 0.2) > 0.1


def test_band_holds_the_whole_curve_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    band = uniform_band(300, 0.1)
    curves = [ecdf(rng.random(300)) for _ in range(2000)]
    inside = [np.all((c >= band.lower) & (c <= band.upper)) for c in curves]
    assert np.mean(inside) == pytest.approx(0.9, abs=0.03)


def test_band_and_p_value_agree() -> None:
    rng = np.random.default_rng(2)
    band = uniform_band(200, 0.05)
    agree = 0
    for _ in range(500):
        u = rng.beta(1.0, 1.15, 200)
        curve = ecdf(u)
        leaves = np.any((curve < band.lower) | (curve > band.upper))
        agree += leaves == (uniformity_p(u) <= 0.05)
    assert agree >= 490


def test_extremes() -> None:
    assert uniformity_p(np.full(100, 0.5)) < 1e-3
    assert uniformity_p((np.arange(100) + 0.5) / 100) > 0.5
    assert bonferroni(np.array([0.2, 0.01])) == pytest.approx(0.02)
    assert bonferroni(np.array([0.9, 0.8])) == 1.0
