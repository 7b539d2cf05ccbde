import numpy as np
import pytest
from scipy.optimize import minimize

from oscillation_toy import counting, plane_points, spectrum, survival, toy_plane
from pontecorvo.base.errors import InputError
from pontecorvo.frequentist.chi2_features import Joint, low_rank
from pontecorvo.frequentist.gaussian_plane import GaussianPulls, GaussianVarying
from pontecorvo.frequentist.plane import Axis
from pontecorvo.frequentist.poisson_plane import PoissonPulls

PLANE = toy_plane((13, 17))


def brute_gaussian(data, mean, covariance):
    residual = data - mean
    return np.einsum("tb,bc,tc->t", residual, np.linalg.inv(covariance), residual)


@pytest.mark.parametrize("pulls", [0, 1, 2, 5])
def test_product_is_the_gaussian_chi2(pulls):
    problem = spectrum(PLANE, pulls=pulls)
    rng = np.random.default_rng(3)
    data = problem.draw(40, 6, rng)
    chi2 = problem.chi2(data)
    expected = survival(PLANE, 25, 10.0, 2, 8)
    shapes = np.cos(np.outer(np.arange(pulls), np.linspace(0, 3, 25)))
    for h in (0, 40, 150, problem.null):
        effect = 0.02 * expected[h][:, None] * shapes.T
        covariance = np.diag(np.full(25, 4e-4)) + 1e-4 + effect @ effect.T
        np.testing.assert_allclose(
            chi2[:, h], brute_gaussian(data, expected[h], covariance), rtol=1e-6, atol=1e-6
        )


def test_forms_and_squares_agree():
    expected = survival(PLANE, 25, 10.0, 2, 8)
    response = np.repeat(0.03 * np.ones((1, 25, 1)), len(expected), axis=0)  # same everywhere
    covariance = np.diag(np.full(25, 4e-4))
    forms = GaussianPulls("a", PLANE, expected, covariance, expected[-1], response)
    squares = GaussianPulls("b", PLANE, expected, covariance, expected[-1], response, tolerance=0)
    assert forms.squares is None
    assert squares.squares is not None
    data = forms.draw(100, 20, np.random.default_rng(0))
    np.testing.assert_allclose(forms.chi2(data), squares.chi2(data), atol=1e-6)


def test_covariance_that_varies():
    s22, _ = plane_points(PLANE)
    expected = survival(PLANE, 10, 10.0, 2, 8)
    covariance = 1e-3 * np.eye(10) * (1 + s22)[:, None, None] + 1e-4 * expected[:, :, None]
    covariance = (covariance + np.swapaxes(covariance, 1, 2)) / 2
    problem = GaussianVarying("v", PLANE, expected, covariance, expected[-1])
    data = problem.draw(60, 5, np.random.default_rng(1))
    chi2 = problem.chi2(data)
    for h in (3, 60, problem.null):
        brute = brute_gaussian(data, expected[h], covariance[h])
        np.testing.assert_allclose(chi2[:, h], brute, rtol=1e-6, atol=1e-6)
    # -2 ln p up to a function of the data: the determinant comes in
    density = problem.deviance(data, np.empty((5, 0)), np.arange(problem.hypotheses))
    brute = brute_gaussian(data, expected[60], covariance[60]) - brute_gaussian(
        data, expected[-1], covariance[-1]
    )
    brute += np.linalg.slogdet(covariance[60])[1] - np.linalg.slogdet(covariance[-1])[1]
    np.testing.assert_allclose(density[:, 60] - density[:, -1], brute, rtol=1e-6, atol=1e-6)


def test_draws_have_the_covariance_of_the_pulls():
    problem = spectrum(PLANE, bins=6, pulls=2)
    data = problem.draw(30, 200_000, np.random.default_rng(5))
    effect = problem._response[30]
    covariance = np.diag(np.full(6, 4e-4)) + 1e-4 + effect @ effect.T
    np.testing.assert_allclose(np.cov(data.T), covariance, atol=6 * 7e-4 / np.sqrt(200_000))
    np.testing.assert_allclose(data.mean(0), problem.expected(30), atol=6 * 0.04 / 447)


def poisson_brute(data, mean, response):
    def value(eta):
        mu = mean + response @ eta
        if np.any(mu <= 0):
            return 1e9
        log = np.where(data > 0, data * np.log(np.where(data > 0, data, 1) / mu), 0.0)
        return 2 * (mu - data + log).sum() + eta @ eta

    return minimize(value, np.zeros(response.shape[1]), method="Nelder-Mead",
                    options={"xatol": 1e-7, "fatol": 1e-9, "maxiter": 4000}).fun  # fmt: skip


def test_counts_are_profiled_exactly():
    problem = counting(PLANE)
    rng = np.random.default_rng(2)
    data = problem.draw(problem.null, 4, rng)
    every = np.tile(np.arange(problem.hypotheses), (4, 1))
    exact = problem.chi2(data) + problem.correction(data, every)
    expected = problem.prediction
    for t in range(4):
        for h in (0, 90, problem.null):
            response = expected[h][:, None] * np.array([0.08, 0.12])
            brute = poisson_brute(data[t], expected[h], response)
            assert exact[t, h] == pytest.approx(brute, abs=1e-5)


def test_counts_without_pulls_are_linear():
    problem = counting(PLANE, pulls=False)
    assert not problem.screened
    data = problem.draw(20, 3, np.random.default_rng(0))
    brute = poisson_brute(data[1], problem.prediction[50], np.zeros((13, 1)))
    assert problem.chi2(data)[1, 50] == pytest.approx(brute, abs=1e-8)


def test_the_screen_finds_the_minimum():
    problem = Joint("both", [spectrum(PLANE), counting(PLANE)])
    data = problem.draw(problem.null, 300, np.random.default_rng(4))
    chi2 = problem.chi2(data)
    every = np.tile(np.arange(problem.hypotheses), (300, 1))
    exact = chi2 + problem.correction(data, every)
    chosen, found = problem.best(data, tested=7)
    np.testing.assert_allclose(found, np.take_along_axis(exact, chosen, axis=1), atol=1e-8)
    assert np.all(chosen[:, -1] == 7)
    loss = found.min(axis=1) - exact.min(axis=1)
    assert loss.max() < 0.05
    assert loss.mean() < 1e-3


def test_single_precision_loses_no_minimum():
    """Squares and linear terms, far from the reference and close to no oscillation."""
    problem = Joint("both", [spectrum(PLANE, "a"), spectrum(PLANE, "b", bins=12, pulls=0)])
    assert problem.parts[0].squares is not None or problem.parts[0]._forms is not None
    for truth in (problem.null, 40, 210):
        data = problem.draw(truth, 500, np.random.default_rng(truth))
        chi2 = problem.chi2(data)
        rows, screened = next(problem.screen.tiles(problem.pieces(data)))
        expected = chi2[rows] - chi2[rows][:, [problem.null]]
        np.testing.assert_allclose(screened, expected, rtol=1e-4, atol=1e-3)
        chosen, exact = problem.best(data)
        np.testing.assert_allclose(exact, np.take_along_axis(chi2, chosen, axis=1), atol=1e-8)
        np.testing.assert_allclose(exact.min(axis=1), chi2.min(axis=1), atol=1e-8)


def test_joint_is_the_sum():
    parts = [spectrum(PLANE, "a"), spectrum(PLANE, "b", bins=12, pulls=0), counting(PLANE)]
    joint = Joint("all", parts)
    data = joint.draw(5, 7, np.random.default_rng(0))
    total = sum(p.chi2(data[:, s]) for p, s in zip(parts, joint.slices, strict=True))
    np.testing.assert_allclose(joint.chi2(data), total, rtol=1e-12, atol=1e-8)
    np.testing.assert_allclose(
        joint.observed_chi2, sum(p.observed_chi2 for p in parts), rtol=1e-10, atol=1e-8
    )


def test_low_rank_measures_its_error():
    rng = np.random.default_rng(0)
    exact = rng.standard_normal((80, 4)) @ rng.standard_normal((4, 50))
    forms, weights = low_rank(exact, 1e-9, 20)
    assert len(forms) == 4
    np.testing.assert_allclose(weights @ forms, exact, atol=1e-9)
    assert low_rank(exact, 1e-9, 3) is None
    assert low_rank(rng.standard_normal((80, 50)), 1e-9, 20) is None


def test_bad_input_is_one_sentence():
    expected = survival(PLANE, 5, 10.0, 2, 8)
    with pytest.raises(InputError, match="covariance is not positive"):
        GaussianPulls("x", PLANE, expected, -np.eye(5), expected[0])
    with pytest.raises(InputError, match="shape"):
        GaussianPulls("x", PLANE, expected[1:], np.eye(5), expected[0])
    with pytest.raises(InputError, match="positive"):
        PoissonPulls("x", PLANE, expected, -np.ones(5))
    with pytest.raises(InputError, match="differ in their plane"):
        Joint("x", [spectrum(PLANE), spectrum(toy_plane((5, 5)))])
    with pytest.raises(InputError, match="ascending"):
        Axis("x", np.array([1.0, 0.0]))
