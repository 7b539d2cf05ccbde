import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest, norm

from oscillation_toy import flat_gaussian, spectrum, toy_plane
from pontecorvo.base.errors import InputError
from pontecorvo.frequentist.contours import contour_lines, write_contours
from pontecorvo.frequentist.grid_posterior import (
    GridPosterior,
    _linear_quantile,
    checked_draws,
    prior_dependence,
)
from pontecorvo.frequentist.plane import Plane
from pontecorvo.frequentist.scan import best_fit, local_minima, profiles
from pontecorvo.frequentist.wilks import wilks_margin

PLANE = Plane.regular((241, 241), ("x", -6, 6), ("y", -6, 6))


def normal_posterior(plane=PLANE, sigma=(1.0, 0.7), mean=(0.3, -0.5)):
    pull = (plane.points - mean) / sigma
    return GridPosterior(plane, -0.5 * (pull**2).sum(1), null_log_likelihood=-2.0)


def log_likelihood(points, sigma=(1.0, 0.7), mean=(0.3, -0.5)):
    return -0.5 * (((points - mean) / sigma) ** 2).sum(1)


def test_evidence_and_regions_of_a_normal():
    posterior = normal_posterior()
    exact = np.log(2 * np.pi * 0.7 / 144)
    assert posterior.log_evidence == pytest.approx(exact, abs=1e-3)
    assert posterior.log_bayes_factor == pytest.approx(exact + 2.0, abs=1e-3)
    for level in (0.68, 0.95):
        inside = posterior.margin(level) <= 0
        radius = (((PLANE.points - (0.3, -0.5)) / (1.0, 0.7)) ** 2).sum(1)
        np.testing.assert_allclose(radius[inside].max(), -2 * np.log(1 - level), rtol=0.03)


def test_draws_follow_the_density():
    posterior = normal_posterior()
    draws = checked_draws(posterior, 20_000, np.random.default_rng(1), log_likelihood)
    assert kstest(draws.points[:, 0], norm(0.3, 1.0).cdf).pvalue > 1e-3
    assert kstest(draws.points[:, 1], norm(-0.5, 0.7).cdf).pvalue > 1e-3
    assert draws.effective > 0.999 * 20_000
    assert np.exp(draws.log_weight).mean() == pytest.approx(1.0, abs=2e-3)
    np.testing.assert_allclose(draws.log_prior, -np.log(144), rtol=1e-9)


def test_draws_on_a_coarse_grid_are_corrected_by_their_weights():
    plane = Plane.regular((25, 25), ("x", -6, 6), ("y", -6, 6))
    posterior = normal_posterior(plane)
    draws = checked_draws(posterior, 50_000, np.random.default_rng(1), log_likelihood)
    weight = np.exp(draws.log_weight)
    raw = draws.points[:, 1].std()
    mean = np.average(draws.points[:, 1], weights=weight)
    corrected = np.sqrt(np.average((draws.points[:, 1] - mean) ** 2, weights=weight))
    assert abs(corrected - 0.7) < 0.01 < abs(raw - 0.7)


def test_draws_lie_in_every_cell_as_often_as_they_should():
    rng = np.random.default_rng(0)
    plane = toy_plane((4, 5))
    posterior = GridPosterior(plane, rng.standard_normal(20), 0.0)
    points = posterior.draw(200_000, rng)
    counts, _, _ = np.histogram2d(*points.T, bins=[plane.x.values, plane.y.values])
    mass = posterior._cell_integrals(posterior.density)
    np.testing.assert_allclose(mass.sum(), 1.0)
    np.testing.assert_allclose(counts / 200_000, mass, atol=5 * np.sqrt(0.25 / 200_000))


@settings(max_examples=50, deadline=None)
@given(st.floats(0, 10), st.floats(1e-6, 10), st.floats(0, 1))
def test_linear_quantile_inverts_its_distribution(low, high, u):
    x = _linear_quantile(np.array([low]), np.array([high]), np.array([u]))[0]
    cdf = (low * x + (high - low) * x * x / 2) / ((low + high) / 2)
    assert cdf == pytest.approx(u, abs=1e-7)


def test_bayes_factor_depends_on_the_prior():
    plane = toy_plane((81, 11))
    flat = GridPosterior(plane, np.zeros(plane.size), 0.0)
    for value in prior_dependence(flat, "sin^2(2 theta)", (-4, -2)).values():
        assert value == pytest.approx(0.0, abs=1e-9)  # no information: no preference
    x = plane.points[:, 0]
    strong = GridPosterior(plane, -0.5 * ((x + 0.5) / 0.1) ** 2, -10.0)
    factors = prior_dependence(strong, "sin^2(2 theta)", (-4, -2))
    names = [f"flat in log10 sin^2(2 theta) from {low}" for low in ("-4", "-2")]
    assert factors[names[1]] - factors[names[0]] == pytest.approx(np.log(2), abs=0.03)
    with pytest.raises(InputError, match="flat prior"):
        checked_draws(strong.with_prior(x), 10, np.random.default_rng(0), log_likelihood)


def test_best_fit_is_refined_between_the_points():
    problem = flat_gaussian((13, 13))
    problem.observed = np.array([0.37, -1.21])
    found = best_fit(problem, lambda p: ((p - problem.observed) ** 2).sum(1))
    assert (found.x, found.y) == pytest.approx((0.37, -1.21), abs=1e-3)
    assert found.chi2 < 1e-5 < found.grid_chi2
    assert found.delta_null == pytest.approx(0.37**2 + 1.21**2, abs=1e-4)
    assert best_fit(problem).chi2 == found.grid_chi2


def test_local_minima():
    table = np.ones((9, 9))
    table[2, 3], table[7, 7] = 0.0, -1.0
    assert list(local_minima(table)[:2]) == [7 * 9 + 7, 2 * 9 + 3]


def test_contours_of_a_normal_are_ellipses(tmp_path):
    problem = flat_gaussian((121, 121))
    lines = contour_lines(problem.plane, wilks_margin(problem, 0.95), "wilks", 0.95)
    assert len(lines) == 1
    radius = np.hypot(*lines[0].points.T)
    np.testing.assert_allclose(radius, np.sqrt(5.991), atol=2e-3)
    names = ("log10_sin2_2theta", "log10_dm2"), ("sin2_2theta", "dm2_eV2")
    write_contours(tmp_path / "contours.csv", lines, *names)
    rows = list(csv.DictReader((tmp_path / "contours.csv").read_text().splitlines()))
    assert len(rows) == len(lines[0].points)
    assert float(rows[0]["sin2_2theta"]) == pytest.approx(
        10 ** float(rows[0]["log10_sin2_2theta"]), rel=1e-4
    )


def test_profiles():
    problem = spectrum(toy_plane((8, 9)))
    along_x, along_y = profiles(problem)
    assert along_x.shape == (8,)
    assert along_y.shape == (9,)
    assert along_x.min() == along_y.min() == 0
