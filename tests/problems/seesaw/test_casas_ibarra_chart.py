import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pontecorvo.base.errors import InputError
from pontecorvo.core.measurement import GaussianMeasurement, Measured
from pontecorvo.core.target import Target
from pontecorvo.core.window import Window
from pontecorvo.problems.flavour.nufit import founding_paper_box, nufit
from pontecorvo.problems.seesaw.casas_ibarra_kernel import draw_ordered, ordered_volume
from pontecorvo.problems.seesaw.model import Seesaw, SeesawPrior
from pontecorvo.samplers.mcmc import evaluate


def target_for(ordering="no", prior=None, measurement=None):
    measurement = measurement or nufit(ordering)
    return Target(Seesaw(ordering, prior, observables=measurement.names), measurement)


@pytest.mark.parametrize("ordering", ["no", "io"])
@pytest.mark.parametrize("yukawa", ["uniform", "log-uniform"])
def test_round_trip_and_support(ordering, yukawa):
    target = target_for(ordering, SeesawPrior(yukawa=yukawa, yukawa_min=1e-6))
    chart = target.chart
    u = np.random.default_rng(0).random((3000, 23))
    theta, log_volume = chart.to_parameters(u)
    inside = np.isfinite(log_volume)
    assert inside.mean() > 0.9
    assert np.isfinite(target.log_prior(theta[inside])).all()
    back = chart.from_parameters(theta[inside])
    again, volume = chart.to_parameters(back)
    np.testing.assert_allclose(again, theta[inside], atol=1e-9)
    np.testing.assert_allclose(volume, log_volume[inside], atol=1e-5)
    difference = np.abs(back - u[inside])
    difference = np.where(chart.periodic, np.minimum(difference, 1 - difference), difference)
    assert difference.max() < 1e-5


@pytest.mark.parametrize("ordering", ["no", "io"])
def test_observables_are_coordinates(ordering):
    target = target_for(ordering)
    u = np.random.default_rng(1).random((2000, 23))
    theta, log_volume = target.chart.to_parameters(u)
    inside = np.isfinite(log_volume)
    observables = target.model.forward(theta[inside])
    from scipy.special import ndtri

    pulls = (observables - target.measurement.central) / target.measurement.sigma
    np.testing.assert_allclose(pulls, ndtri(u[inside, :5]), atol=1e-6)


@pytest.mark.parametrize("ordering", ["no", "io"])
def test_volume_is_the_jacobian(ordering):
    """log_volume = log prior + log abs(det d theta / d u), by finite differences."""
    target = target_for(ordering)
    chart = target.chart
    u = 0.1 + 0.8 * np.random.default_rng(4).random((40, 23))
    theta, log_volume = chart.to_parameters(u)
    step = 1e-6
    checked = 0
    offsets = []
    for point, value in zip(u, log_volume, strict=True):
        if not np.isfinite(value):
            continue
        up, _ = chart.to_parameters(point + step * np.eye(23))
        down, _ = chart.to_parameters(point - step * np.eye(23))
        jacobian = (up - down) / (2 * step)
        offsets.append(value - np.linalg.slogdet(jacobian)[1])
        checked += 1
    assert checked > 30
    prior = float(target.log_prior(theta[np.isfinite(log_volume)])[0])
    # a kink of the box between the two points of a difference spoils a few of them
    assert np.median(np.abs(np.array(offsets) - prior)) < 1e-5
    assert np.mean(np.abs(np.array(offsets) - prior) < 1e-3) > 0.9


def broad(ordering="no"):
    """NuFIT with errors so large that the prior itself can be sampled blindly."""
    factors = (12, 20, 15, 25, 15)
    quantities = [
        Measured(
            q.name,
            q.central,
            f * q.sigma,
            f * q.sigma,
            q.central - 3 * f * q.sigma,
            q.central + 3 * f * q.sigma,
        )
        for q, f in zip(nufit(ordering).quantities, factors, strict=True)
    ]
    return GaussianMeasurement(quantities)


def test_the_measure_is_that_of_the_flat_prior():
    """Evidence and means by blind draws from the prior, which knows nothing of Casas and Ibarra."""
    target = target_for(prior=SeesawPrior(log10_M_min=14.0, log10_M_max=16.0), measurement=broad())
    rng = np.random.default_rng(7)
    weights, features = [], []
    for _ in range(20):
        theta = target.model.prior.sample(200_000, rng)
        weight = np.exp(target.log_likelihood(theta))
        keep = weight > weight.max() * 1e-12
        weights.append(np.where(keep, weight, 0)[keep])
        features.append(theta[keep, 18:21])
    blind, n = np.concatenate(weights), 20 * 200_000
    blind_features = np.concatenate(features)
    u = rng.random((300_000, 23))
    state = evaluate(target, target.chart, u)
    chart = np.exp(state.log_density)
    theta, _ = target.chart.to_parameters(u)

    def mean_and_error(weight, count):
        return weight.sum() / count, np.sqrt(np.sum(weight**2)) / count

    z_blind, e_blind = mean_and_error(blind, n)
    z_chart, e_chart = mean_and_error(chart, len(u))
    assert e_blind / z_blind < 0.1
    assert e_chart / z_chart < 0.1
    assert abs(z_blind - z_chart) < 4 * np.hypot(e_blind, e_chart)
    for column in range(3):
        means = []
        for weight, value in (
            (blind, blind_features[:, column]),
            (chart, np.nan_to_num(theta[:, 18 + column])),
        ):
            p = weight / weight.sum()
            mean = p @ value
            means.append((mean, np.sqrt(np.sum((p * (value - mean)) ** 2))))
        assert abs(means[0][0] - means[1][0]) < 4 * np.hypot(means[0][1], means[1][1])


@given(
    st.floats(1e-15, 0.1),
    st.floats(0.2, 1.0),
    st.floats(0.0, 1.0),
    st.tuples(*[st.floats(0.001, 0.999)] * 3),
)
@settings(max_examples=200)
def test_ordered_masses(lowest, c2, share, u):
    c1 = lowest + share * (c2 - lowest) + 1e-3 * lowest
    c1 = min(c1, c2)
    t1, t2, t3 = draw_ordered(*u, lowest, c1, c2)
    assert lowest <= t1 <= c1 * (1 + 1e-12)
    assert t1 <= t2 <= c2 * (1 + 1e-12)
    assert t2 <= t3 <= 1
    assert ordered_volume(lowest, t1, c2) == pytest.approx(
        u[0] * ordered_volume(lowest, c1, c2), rel=1e-9
    )


def test_ordered_volume_by_counting():
    rng = np.random.default_rng(0)
    t = rng.random((400_000, 3))
    inside = (t[:, 0] > 0.05) & (t[:, 0] < 0.4) & (t[:, 1] < 0.7) & (np.diff(t, axis=1) > 0).all(1)
    expected = inside.mean()
    error = np.sqrt(expected / len(t))
    assert ordered_volume(0.05, 0.4, 0.7) == pytest.approx(expected, abs=4 * error)


@given(st.floats(0.01, 0.99), st.floats(-0.9, 0.9), st.floats(0.05, 3))
def test_windows_invert_and_integrate(u, centre, width):
    window = Window(-1.0, 1.0, centre, width)
    x, log_slope = window.value(np.array([u]))
    assert -1 <= x[0] <= 1
    assert window.coordinate(x)[0] == pytest.approx(u, abs=1e-7)
    nearby, _ = window.value(np.array([u + 1e-6]))
    assert (nearby - x)[0] / 1e-6 == pytest.approx(np.exp(log_slope[0]), rel=1e-2)


def test_the_founding_box_lies_inside_the_windows():
    target = target_for(measurement=founding_paper_box())
    u = np.random.default_rng(1).random((20_000, 23))
    state = evaluate(target, target.chart, u)
    assert np.isfinite(state.log_density).mean() > 0.2


def test_a_splitting_must_be_measured():
    quantity = nufit().quantities[0]
    measurement = GaussianMeasurement([quantity])
    with pytest.raises(InputError, match="dm2_3l"):
        _ = target_for(measurement=measurement).chart
    beyond = [*nufit().quantities[:4], Measured("sin2_theta23", 1.2, 0.1)]
    with pytest.raises(InputError, match=r"sin2_theta23: 1\.2"):
        _ = target_for(measurement=GaussianMeasurement(beyond)).chart
