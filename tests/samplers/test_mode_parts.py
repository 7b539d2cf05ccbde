"""The parts of the search for modes: seeds, clouds, and the table of what was found."""

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.base.progress import progress
from pontecorvo.core.measurement import GaussianMeasurement, Measured
from pontecorvo.core.model import Model
from pontecorvo.core.prior import Prior, Uniform
from pontecorvo.core.quantity import Quantity
from pontecorvo.core.target import Target
from pontecorvo.samplers.mode_clouds import explore, fit_cloud, merge
from pontecorvo.samplers.mode_ridges import follow, thin_places
from pontecorvo.samplers.mode_seeds import find_seeds, residual_function
from pontecorvo.samplers.mode_table import ModeFit, connect, mode_table, responsibilities
from pontecorvo.samplers.modes import log_target
from pontecorvo.samplers.student_mixture import StudentMixture


class Squares(Model):
    """x^2 and y are measured: two modes, mirror images in x."""

    name = "squares"
    parameters = (Quantity("x"), Quantity("y"))
    observables = (Quantity("x2"), Quantity("y"))
    prior = Prior([Uniform(-2, 2), Uniform(0, 1)])

    def forward(self, theta):
        return np.stack([theta[:, 0] ** 2, theta[:, 1]], axis=1)


def squares(correlation=None):
    measured = [
        Measured("x2", 1.0, 0.1, 0.1, 0.7, 1.3),
        Measured("y", 0.5, 0.05, 0.05, 0.35, 0.65),
    ]
    return Target(Squares(), GaussianMeasurement(measured, correlation=correlation))


# seeds


def test_residuals_are_whitened():
    correlation = np.array([[1.0, 0.6], [0.6, 1.0]])
    target = squares(correlation)
    u = np.random.default_rng(0).random((50, 2))
    found = residual_function(target, target.chart)(u)
    theta, _ = target.chart.to_parameters(u)
    expected = target.measurement.log_likelihood(target.model.forward(theta))
    gap = expected + 0.5 * (found**2).sum(axis=1)
    np.testing.assert_allclose(gap, gap[0], atol=1e-9)


def test_other_likelihoods_have_no_residuals():
    class Other:
        names = ("x2", "y")

    target = squares()
    object.__setattr__(target, "measurement", Other())
    with pytest.raises(InputError, match="method: smc"):
        residual_function(target, target.chart)


def test_seeds_are_the_minima_once_each():
    target = squares()
    found = find_seeds(target, target.chart, 200, 50, 10, seed=1)
    theta, _ = target.chart.to_parameters(found["u"])
    assert len(theta) == 2
    np.testing.assert_allclose(np.sort(theta[:, 0]), [-1, 1], atol=1e-3)
    np.testing.assert_allclose(theta[:, 1], 0.5, atol=1e-3)
    assert found["weights"].sum() == pytest.approx(1)
    # the linearised error of x is 0.1 / (2 x) over the range 4, of y 0.05
    covariance = found["roots"] @ np.swapaxes(found["roots"], 1, 2)
    np.testing.assert_allclose(np.sqrt(covariance[:, 0, 0]), 0.05 / 4, rtol=0.02)
    np.testing.assert_allclose(np.sqrt(covariance[:, 1, 1]), 0.05, rtol=0.05)
    again = find_seeds(target, target.chart, 200, 50, 10, seed=1)
    np.testing.assert_array_equal(again["u"], found["u"])


# clouds


def test_ensembles_follow_their_target():
    def log_target(u):
        return -0.5 * (((u - [0.3, 0.7]) / [0.01, 0.1]) ** 2).sum(axis=1)

    rng = np.random.default_rng(2)
    start = [0.3, 0.7] + 0.01 * rng.normal(size=(3, 16, 2))
    with progress("explore") as advance:
        points, values = explore(log_target, start, 400, 40, rng, advance)
    assert points.shape == (3, 640, 2)
    np.testing.assert_allclose(values, log_target(points.reshape(-1, 2)).reshape(3, -1))
    everything = points.reshape(-1, 2)
    np.testing.assert_allclose(everything.mean(axis=0), [0.3, 0.7], atol=0.02)
    np.testing.assert_allclose(everything.std(axis=0), [0.01, 0.1], rtol=0.2)


def test_clouds_that_lie_in_each_other_are_one():
    rng = np.random.default_rng(3)
    centre = np.array([[0.2, 0.2], [0.21, 0.2], [0.8, 0.8]])
    points = centre[:, None] + 0.02 * rng.normal(size=(3, 300, 2))
    first, second, third = merge(points)
    assert first == second != third


def test_a_mixture_has_as_few_components_as_suffice():
    rng = np.random.default_rng(4)
    x = 0.5 + 0.05 * rng.normal(size=(2000, 2))
    log_p = -0.5 * (((x - 0.5) / 0.05) ** 2).sum(axis=1)
    assert len(fit_cloud(x, log_p, 64, rng)) == 1
    # a ring is no single ellipse
    angle = rng.uniform(0, 2 * np.pi, 4000)
    radius = 0.3 + 0.01 * rng.normal(size=4000)
    ring = 0.5 + np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    log_ring = -0.5 * ((radius - 0.3) / 0.01) ** 2 - np.log(radius)
    mixture = fit_cloud(ring, log_ring, 64, rng)
    assert len(mixture) > 4
    inside, outside = mixture.log_density(np.array([[0.8, 0.5], [0.5, 0.5]]))
    assert inside > outside + 2, "the hole stays empty"


# the table


@pytest.fixture
def fit():
    means = np.array([[0.25, 0.5], [0.27, 0.5], [0.75, 0.5]])
    roots = np.broadcast_to(np.diag([0.02, 0.05]), (3, 2, 2)).copy()
    mixture = StudentMixture(np.array([0.3, 0.2, 0.5]), means, roots, 8)
    return ModeFit(mixture, np.array([0, 0, 1]), np.array([[0.26, 0.5], [0.25, 0.4], [0.74, 0.5]]))


def test_responsibilities_are_bayes_rule(fit):
    u = np.random.default_rng(5).random((40, 2))
    found = responsibilities(fit.mixture, u)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    terms = fit.mixture.log_terms(u)
    np.testing.assert_allclose(
        np.log(found), terms - fit.mixture.log_density(u)[:, None], atol=1e-9
    )


def test_components_that_share_draws_are_one_mode(fit):
    rng = np.random.default_rng(6)
    u = fit.mixture.means[rng.choice(3, 5000, p=fit.mixture.weights)]
    u = u + [0.02, 0.05] * rng.normal(size=u.shape)
    mode = connect(fit.mixture, u, np.full(5000, 1 / 5000))
    assert mode[0] == mode[1] != mode[2]


def test_the_table_has_shares_errors_and_the_best_draw(fit):
    target, rng = squares(), np.random.default_rng(7)
    size = 4000
    right = rng.random(size) < 0.5
    theta = np.stack(
        [np.where(right, 1, -1) + 0.05 * rng.normal(size=size), 0.5 + 0.05 * rng.normal(size=size)],
        axis=1,
    )
    u = target.chart.from_parameters(theta)
    weight = np.where(right, 3.0, 1.0)
    weight /= weight.sum()
    rows, labels = mode_table(target, target.chart, fit, u, weight)
    assert [row["starts"] for row in rows] == [1, 2]
    assert rows[0]["share"] == pytest.approx(weight[right].sum())
    assert rows[0]["mean"]["x"] == pytest.approx(theta[right, 0].mean())
    assert rows[1]["sd"]["x"] == pytest.approx(theta[~right, 0].std())
    assert (labels == np.where(right, 0, 1)).all()
    # of N draws r N are right: share = 3 r / (1 + 2 r), so its error is 3/4 of that of r = 1/2
    assert rows[0]["error"] == pytest.approx(0.75 * np.sqrt(0.25 / size), rel=0.05)
    best = theta[right][np.argmax(target.log_likelihood(theta[right]))]
    assert rows[0]["best"] == pytest.approx({"x": best[0], "y": best[1]})
    pulls = [(best[0] ** 2 - 1) / 0.1, (best[1] - 0.5) / 0.05]
    assert rows[0]["chi2"] == pytest.approx(np.dot(pulls, pulls))


# thin tails


class Wedge(Model):
    """One datum, y times e^(6 x): at y = 0.5 a ridge along x, ever thinner."""

    name = "wedge"
    parameters = (Quantity("x"), Quantity("y"))
    observables = (Quantity("o"),)
    prior = Prior([Uniform(0, 1), Uniform(0, 1)])

    def forward(self, theta):
        return (200 * (theta[:, 1] - 0.5) * np.exp(6 * theta[:, 0]))[:, None]


def test_ridges_are_followed_to_their_thin_ends_and_get_components():
    target = Target(Wedge(), GaussianMeasurement([Measured("o", 0.0, 1.0, 1.0, -3.0, 3.0)]))
    chart = target.raw_chart
    residuals = residual_function(target, chart)
    ridges = follow(residuals, np.array([[0.2, 0.5]]))
    assert ridges.u[:, 0].min() < 0.02
    assert ridges.u[:, 0].max() > 0.9
    np.testing.assert_allclose(residuals(ridges.u), 0, atol=1e-6)
    widths = np.sqrt(np.einsum("nab,nab->na", ridges.roots, ridges.roots))[:, 1]
    np.testing.assert_allclose(widths, np.exp(-6 * ridges.u[:, 0]) / 200, rtol=0.05)

    def log_p(u):
        return log_target(target, chart, u)

    # all of the evidence by quadrature: the integral over y is Gaussian
    x = np.linspace(0, 1, 2001)
    peak = target.log_likelihood(np.array([[0.0, 0.5]]))[0]
    log_z = peak + np.log(np.trapezoid(np.exp(-6 * x), x) * np.sqrt(2 * np.pi) / 200)
    fat = StudentMixture(np.ones(1), np.array([[0.1, 0.5]]), np.diag([0.1, 2e-3])[None])
    more = thin_places(fat, ridges, log_p, log_z)
    both = fat.join(more).weighted(np.append([0.8], 0.2 * more.weights / more.weights.sum()))
    gaps = [log_p(ridges.u) - log_z - q.log_density(ridges.u) for q in (fat, both)]
    assert gaps[0].max() > np.log(3)
    assert gaps[1].max() < np.log(8)
    assert thin_places(both, ridges, log_p, log_z + 3) is None
