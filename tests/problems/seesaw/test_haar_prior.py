"""Priors of the light neutrinos: closed forms against draws that know nothing of them."""

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import chi2

from pontecorvo.base.errors import InputError
from pontecorvo.core.measurement import GaussianMeasurement, Measured
from pontecorvo.core.target import Target
from pontecorvo.physics.pmns import jarlskog
from pontecorvo.problems.seesaw.fast_map import light_neutrinos_from_theta, unpack
from pontecorvo.problems.seesaw.haar_prior import (
    LightPrior,
    boost_length,
    log_boost_ratio,
    log_mass_ratio,
    log_room,
)
from pontecorvo.problems.seesaw.model import Seesaw, SeesawPrior
from seesaw_points import complex_orthogonal, yukawa_from_casas_ibarra

MEAN_ABS_J = np.pi / 105
"""Mean of abs(J) under Haar's measure: J = s12 c12 s23 c23 s13 c13^2 sin(delta)."""


def gaussian_seesaws(n, rng, vev=174.1):
    """Theta (n, 23) with X = vev Y M^-1/2 of independent normal entries, and abs(X)^2 (n,)."""
    log_mass = np.array([14.0, 14.5, 15.0])
    phase = rng.uniform(0, 2 * np.pi, (n, 2))
    x = rng.normal(size=(n, 3, 3)) + 1j * rng.normal(size=(n, 3, 3))
    heavy = 10.0**log_mass * np.exp(1j * np.column_stack([phase, np.zeros(n)]))
    y = x * np.sqrt(heavy)[:, None, :] / (vev * np.sqrt(1e9))  # masses are then in eV
    parts = [y.real.reshape(n, 9), y.imag.reshape(n, 9), np.tile(log_mass, (n, 1)), phase]
    return np.concatenate(parts, axis=1), (np.abs(x) ** 2).sum(axis=(1, 2))


def weighted_mean(values, log_weight):
    """Mean and its standard error, of self-normalised weights."""
    weight = np.exp(log_weight - logsumexp(log_weight))
    mean = weight @ values
    return mean, np.sqrt(np.sum((weight * (values - mean)) ** 2))


@pytest.fixture(scope="module")
def normal_draws():
    rng = np.random.default_rng(5)
    theta, square = gaussian_seesaws(400_000, rng)
    masses, mixing = light_neutrinos_from_theta(theta, "no", 174.1)
    return theta, square, masses, mixing


def test_mixing_of_normal_matrices_is_haar(normal_draws):
    """A flat matrix without a box: abs(X)^2 does not know of U, so U is Haar."""
    *_, mixing = normal_draws
    size = np.abs(jarlskog(mixing))
    assert abs(size.mean() - MEAN_ABS_J) < 4 * size.std() / np.sqrt(len(size))


def test_ratios_make_masses_log_uniform_and_the_boost_normal(normal_draws):
    """Brute force: X normal, its density exp(-abs(X)^2 / 2) divided out.

    What is left is the flat measure; the ratios must turn it into prod d log m, U Haar, and a
    normal boost, all independent. Masses are cut to an interval and kept apart (where two meet, the
    weights have no variance), and the boost is cut, for moments that are known in closed form.
    """
    theta, square, masses, mixing = normal_draws
    low, high, apart, width, cut = 1.0, 12.0, 0.1, 0.3, 0.6
    eta = boost_length(theta, masses, mixing, 174.1)
    place = np.log(masses / low) / np.log(high / low)
    kept = (place[:, 0] > 0) & (place[:, 2] < 1) & (eta < cut)
    kept &= np.diff(place, axis=1).min(axis=1) > apart
    ratio = log_mass_ratio(masses, low) + log_boost_ratio(eta, width)
    log_weight = (0.5 * square + ratio)[kept]
    # three ordered uniform numbers that keep a distance are ordered ones, each moved on
    ordered = (place[kept] - apart * np.arange(3)) / (1 - 2 * apart)
    eta, size = eta[kept], np.abs(jarlskog(mixing[kept]))
    inside = {k: chi2.cdf((cut / width) ** 2, k) for k in (3, 5, 7)}
    eta2 = 3 * width**2 * inside[5] / inside[3]
    expected = [
        *((ordered[:, i], (i + 1) / 4) for i in range(3)),
        *((ordered[:, i] ** 2, (i + 1) * (i + 2) / 20) for i in range(3)),
        (eta**2, eta2),
        (eta**4, 15 * width**4 * inside[7] / inside[3]),
        (size, MEAN_ABS_J),
        (size * eta**2, MEAN_ABS_J * eta2),
    ]
    for values, wanted in expected:
        mean, error = weighted_mean(values, log_weight)
        assert abs(mean - wanted) < 4.5 * error
        assert error < 0.03 * wanted
    # without the ratios the masses are something else
    mean, error = weighted_mean(ordered[:, 0], 0.5 * square[kept])
    assert abs(mean - 0.25) > 10 * error


def test_boost_length_is_that_of_the_matrix():
    rng = np.random.default_rng(7)
    n = 500
    boost = rng.normal(size=(n, 3)) * 0.8
    r = complex_orthogonal(
        np.column_stack([rng.uniform(0, 6, n), rng.uniform(-1, 1, n), rng.uniform(0, 6, n)]), boost
    )
    masses = np.sort(rng.uniform(0.001, 0.1, (n, 3)), axis=1)
    unitary = np.linalg.qr(rng.normal(size=(n, 3, 3)) + 1j * rng.normal(size=(n, 3, 3)))[0]
    heavy = 10.0 ** np.sort(rng.uniform(12, 15, (n, 3)), axis=1)
    y = yukawa_from_casas_ibarra(masses, unitary, r, heavy, 174.1)
    theta = np.concatenate(
        [y.real.reshape(n, 9), y.imag.reshape(n, 9), np.log10(heavy), np.zeros((n, 2))], axis=1
    )
    again = light_neutrinos_from_theta(theta, "no", 174.1)
    np.testing.assert_allclose(
        boost_length(theta, *again, 174.1), np.linalg.norm(boost, axis=1), rtol=1e-6
    )


def test_room_of_the_heavy_masses_by_counting():
    """Scale the columns of Y with sqrt(M): which heavy masses keep it inside the box?"""
    prior = SeesawPrior(yukawa_max=0.7, log10_M_min=13.0, log10_M_max=16.0)
    model = Seesaw("no", prior)
    rng = np.random.default_rng(8)
    theta = model.prior.sample(6, rng)
    theta[:, 18:21] = np.sort(rng.uniform(15.5, 16.3, (6, 3)), axis=1)
    t = np.sort(rng.uniform(0, 1, (400_000, 3)), axis=1)
    mass = 10.0**16 * np.cbrt(t)
    rooms = []
    for point in theta:
        yukawa, _ = unpack(point[None])
        size = np.maximum(np.abs(yukawa[0].real), np.abs(yukawa[0].imag)).max(axis=0)
        inside = (size * np.sqrt(mass / 10.0 ** point[18:21]) <= 0.7).all(axis=1)
        inside &= mass[:, 0] > 10.0**13
        rooms.append((inside.mean() / 6, np.sqrt(inside.mean() / len(t)) / 6))
    counted, error = np.array(rooms).T
    assert (counted > 0).sum() >= 4
    assert (np.abs(np.exp(log_room(model, theta)) - counted) < 4 * error + 1e-6).all()


@pytest.mark.parametrize("ordering", ["no", "io"])
def test_in_the_chart_the_haar_prior_is_a_product(ordering):
    """Over the chart's cube each coordinate has its own density: no room, no gaps, no sinh."""
    sign = 1 if ordering == "no" else -1
    anything = GaussianMeasurement(
        [
            Measured("dm2_21", 7.5e-5, 1e-6, 1e-6, 7e-5, 8e-5),
            Measured("dm2_3l", sign * 2.5e-3, 1e-5, 1e-5, *sorted([sign * 2.4e-3, sign * 2.6e-3])),
        ],
        "gaussian",
    )
    target = Target(Seesaw(ordering, observables=anything.names), anything)
    u = np.random.default_rng(9).random((4000, 23))
    theta, volume = target.chart.to_parameters(u)
    light = LightPrior("haar", lightest=2e-4, boost=0.6)
    weight = volume + light.log_ratio(target.model, theta)
    kept = np.isfinite(volume)
    values = target.model.predict(theta[kept])
    masses = np.column_stack([values[f"m{i}"] for i in (1, 2, 3)])
    np.testing.assert_array_equal(np.isfinite(weight[kept]), masses.min(axis=1) >= 2e-4)
    _, jacobians = zip(
        *(window.value(u[:, i]) for i, window in enumerate(target.chart.windows)), strict=True
    )
    lightest = masses.min(axis=1)
    eta = boost_length(
        theta[kept], *light_neutrinos_from_theta(theta[kept], ordering, 174.1), 174.1
    )
    product = (
        np.sum(jacobians, axis=0)[kept]
        # prod dm / m = d dm2_21 d dm2_3l d m_l / (4 m_a^2 m_b^2 m_l), m_l = s u / (1 - u)
        - 2 * np.log(np.delete(np.sort(masses, axis=1), 0, axis=1)).sum(axis=1)
        - np.log(lightest)
        - 2 * np.log1p(-u[kept, 11])
        + np.log1p(-values["sin2_theta13"])
        # exp(-eta^2 / 2 w^2) eta^2 d eta, eta^3 = s^3 u / (1 - u)
        - 0.5 * (eta / 0.6) ** 2
        - 2 * np.log1p(-u[kept, 17])
    )
    use = np.isfinite(weight[kept])
    assert use.sum() > 1000
    # eta = O(1e-2) and tiny lightest masses cost digits of R
    np.testing.assert_allclose(
        (weight[kept] - product)[use], (weight[kept] - product)[use][0], atol=1e-4
    )


def test_haar_prior_of_unmeasured_angles_has_the_mean_of_haar():
    """Weighted points of the chart, angles left free: mean abs(J) is pi/105."""
    loose = GaussianMeasurement(
        [
            Measured("dm2_21", 7.5e-5, 1e-6, 1e-6, 7e-5, 8e-5),
            Measured("dm2_3l", 2.5e-3, 1e-5, 1e-5, 2.4e-3, 2.6e-3),
        ],
        "gaussian",
    )
    target = Target(Seesaw("no", observables=loose.names), loose)
    u = np.random.default_rng(10).random((60_000, 23))
    theta, volume = target.chart.to_parameters(u)
    good = np.isfinite(volume)
    weight = volume[good] + LightPrior("haar").log_ratio(target.model, theta[good])
    values = target.model.predict(theta[good])
    mean, error = weighted_mean(np.abs(values["J"]), weight)
    assert abs(mean - MEAN_ABS_J) < 4 * error
    assert error < 0.1 * MEAN_ABS_J


def test_a_light_prior_refuses_what_it_cannot_do():
    theta = np.zeros((1, 23))
    with pytest.raises(InputError, match="uniform in the Yukawas"):
        LightPrior().log_ratio(Seesaw("no", SeesawPrior(yukawa="log-uniform")), theta)
    with pytest.raises(InputError, match="lightest"):
        LightPrior(lightest=0.0)
    with pytest.raises(InputError, match="masses and haar"):
        LightPrior("flat")  # type: ignore[arg-type]
    # no light masses at all: outside the support, and no warning
    assert LightPrior("haar").log_ratio(Seesaw("no"), theta)[0] == -np.inf
