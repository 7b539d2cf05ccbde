"""The lift's parts: transforms, derivatives, velocity, the broad measurement, linked steps."""

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.core.measurement import GaussianMeasurement, Measured
from pontecorvo.core.model import Model
from pontecorvo.core.prior import Normal, Prior, Uniform
from pontecorvo.core.quantity import Quantity
from pontecorvo.sbi.lift.broad import BroadMeasurement, soft
from pontecorvo.sbi.lift.field import Field, Goal
from pontecorvo.sbi.lift.free_coordinates import LiftCoordinates
from pontecorvo.sbi.lift.ladder import carry_linked
from pontecorvo.sbi.lift.observable_slopes import Derivatives
from pontecorvo.sbi.lift.observables import Transforms, default_transforms

KINDS = ("log", "logit", "identity", "angle")
TRANSFORMS = Transforms(
    KINDS, np.array([np.nan, np.nan, np.nan, 2 * np.pi]), np.array([-1.0, 1, 1, 1])
)


class Curved(Model):
    """Three parameters, two observables, nothing linear."""

    name = "curved"
    parameters = (Quantity("a"), Quantity("b"), Quantity("c"))
    observables = (Quantity("p"), Quantity("q"))
    prior = Prior([Normal(0, 1), Normal(0, 1), Uniform(0, 1)])

    def forward(self, theta):
        a, b, c = theta.T
        return np.stack([np.exp(0.3 * a + 0.1 * b * c), np.sin(b) + 0.2 * a * a + c], axis=1)


class WithJacobian(Curved):
    def jacobian(self, theta):
        a, b, c = theta.T
        p = np.exp(0.3 * a + 0.1 * b * c)
        zero = np.ones_like(a)
        return np.stack(
            [
                np.stack([0.3 * p, 0.1 * c * p, 0.1 * b * p], axis=1),
                np.stack([0.4 * a, np.cos(b), zero], axis=1),
            ],
            axis=1,
        )


class Wrong(WithJacobian):
    def jacobian(self, theta):
        found = super().jacobian(theta)
        found[:, 1, 2] *= 1.1
        return found


PAIR = Transforms(("log", "identity"), np.full(2, np.nan), np.ones(2))


def derivatives(model):
    return Derivatives(model, LiftCoordinates(model.prior), PAIR, np.arange(2))


def points_of(one, size, seed=0):
    theta = one.model.prior.sample(size, np.random.default_rng(seed))
    return one.coordinates.from_parameters(theta)


# transforms


def test_transforms_come_back_and_their_slopes_are_differences():
    rng = np.random.default_rng(0)
    x = np.stack(
        [-np.exp(rng.normal(size=9)), rng.random(9), rng.normal(size=9), rng.uniform(0, 6, 9)],
        axis=1,
    )
    t = TRANSFORMS.forward(x)
    np.testing.assert_allclose(TRANSFORMS.inverse(t), x, rtol=1e-12)
    h = 1e-7 * np.abs(x)
    numeric = (TRANSFORMS.forward(x + h) - TRANSFORMS.forward(x - h)) / (2 * h)
    np.testing.assert_allclose(TRANSFORMS.slope(x), numeric, rtol=1e-6)
    gap = TRANSFORMS.difference(np.array([[0, 0, 0, 6.2]]), np.array([[0, 0, 0, 0.1]]))
    assert gap[0, 3] == pytest.approx(6.1 - 2 * np.pi), "the short way round"
    outside = TRANSFORMS.forward(np.array([[1.0, 1.5, 0.0, 0.0]]))
    assert np.isnan(outside[0, :2]).all()
    with pytest.raises(InputError, match="did you mean 'log'"):
        Transforms(("lgo",), np.full(1, np.nan), np.ones(1))


def test_transforms_are_read_off_the_prior_and_may_be_declared():
    rng = np.random.default_rng(1)
    predicted = np.stack([10 ** rng.uniform(-3, 0, 500), rng.random(500), rng.normal(size=500)], 1)

    class M:
        observables = (Quantity("scale"), Quantity("share"), Quantity("plain"), Quantity("angle"))

    measured = [
        Measured("scale", 2.0, 0.1, 0.1, 1.7, 2.3),
        Measured("share", 0.3, 0.01, 0.01, 0.27, 0.33),
        Measured("plain", 0.1, 0.1, 0.1, -0.2, 0.4),
        Measured("angle", 1.0, 0.1, 0.1, 0.7, 1.3, 2 * np.pi),
    ]
    predicted = np.concatenate([predicted, rng.uniform(0, 6, (500, 1))], axis=1)
    found = default_transforms(M(), measured, predicted)
    assert found.kinds == ("log", "logit", "identity", "angle")
    assert np.isnan(found.periods).tolist() == [True, True, True, False]
    assert (
        default_transforms(M(), measured, predicted, {"share": "identity"}).kinds[1] == "identity"
    )
    for declared, words in (
        ({"shar": "log"}, "did you mean 'share'"),
        ({"scale": "logit"}, "cannot be compared by its logit"),
    ):
        with pytest.raises(InputError, match=words):
            default_transforms(M(), measured, predicted, declared)


# the broad measurement


@pytest.mark.parametrize("shape", ["gaussian", "two-piece", "box"])
def test_a_broad_measurement_is_the_sharp_one_of_contracted_observables(shape):
    sharp = GaussianMeasurement(
        [Measured("p", 1.0, 0.2, 0.1, 0.7, 1.6), Measured("q", 0.5, 0.1, 0.2, -0.1, 0.8)], shape
    )
    centre, k = np.array([0.0, 0.5]), np.array([4.0, 10.0])
    broad = BroadMeasurement(sharp, PAIR, centre, k)
    x = np.stack([np.exp(np.linspace(-2, 2, 41)), np.linspace(-3, 4, 41)], axis=1)
    contracted = np.stack([np.exp(np.log(x[:, 0]) / 4), 0.5 + (x[:, 1] - 0.5) / 10], axis=1)
    np.testing.assert_allclose(broad.contracted(x), contracted)
    np.testing.assert_array_equal(broad.log_likelihood(x), sharp.log_likelihood(contracted))
    wide, narrow = broad.within_three_sigma(x), sharp.within_three_sigma(x)
    assert wide.sum() > narrow.sum()
    assert wide[narrow].all()
    softened = soft(sharp)
    assert softened.shape == ("gaussian" if shape == "box" else shape)
    if shape == "box":
        assert [q.central for q in softened.quantities] == pytest.approx([1.15, 0.35])
        assert [q.sigma for q in softened.quantities] == pytest.approx([0.45, 0.45])


# derivatives


def test_derivatives_of_three_kinds_agree():
    own, differences = derivatives(WithJacobian()), derivatives(Curved())
    assert (own.analytic, differences.analytic) == (True, False)
    points = points_of(own, 20)
    t, slopes = own.first(points)
    t2, slopes2 = differences.first(points)
    np.testing.assert_allclose(t, t2, rtol=1e-12)
    np.testing.assert_allclose(slopes, slopes2, atol=1e-8)
    np.testing.assert_allclose(own.second(points), differences.second(points), atol=1e-5)
    np.testing.assert_allclose(own.values(points), t, rtol=1e-12)
    second = own.second(points)
    np.testing.assert_array_equal(second, np.swapaxes(second, 2, 3))


def test_a_wrong_jacobian_is_found_and_named():
    derivatives(WithJacobian()).check(points_of(derivatives(WithJacobian()), 30))
    wrong = derivatives(Wrong())
    with pytest.raises(InputError, match=r"d\(q\)/d\(c\)"):
        wrong.check(points_of(wrong, 30))


# velocity


@pytest.fixture(params=["plain", "correlated"])
def field(request):
    correlation = np.eye(2) if request.param == "plain" else np.array([[1.0, 0.7], [0.7, 1.0]])
    whitener = np.linalg.inv(np.linalg.cholesky(correlation))
    return Field(derivatives(WithJacobian()), whitener, 0.0)


GOAL = Goal(np.array([[0.1, 0.4]]), np.array([[1.0, 2.0]]), np.array([[0.3, 0.8]]))


def test_each_residual_falls_at_its_rate(field):
    """dT/dlambda = (dT/dy) v = -rate (T - T*), without regularisation."""
    points = points_of(field.derivatives, 30)
    t, slopes = field.derivatives.first(points)
    found = np.einsum("nmp,np->nm", slopes, field.velocity(points, GOAL))
    np.testing.assert_allclose(found, -GOAL.rate * (t - GOAL.centre), atol=1e-9)


@pytest.mark.parametrize("eps", [0.0, 1e-2])
def test_slopes_of_the_velocity_are_differences(field, eps):
    field.eps = eps
    points = points_of(field.derivatives, 8, seed=3)
    v, slopes = field.slopes(points, GOAL)
    np.testing.assert_allclose(v, field.velocity(points, GOAL), rtol=1e-9, atol=1e-12)
    h = 1e-5
    for b in range(3):
        step = np.zeros(3)
        step[b] = h
        high = field.velocity(points.at(points.y + step), GOAL)
        low = field.velocity(points.at(points.y - step), GOAL)
        difference = (high - low) / (2 * h)
        size = np.abs(slopes).max(axis=(1, 2))[:, None] + 1
        assert (np.abs(slopes[:, :, b] - difference) < 2e-4 * size).all()


def test_goals_of_some_points():
    many = Goal(np.arange(6.0).reshape(3, 2), np.ones((1, 2)), np.ones((3, 2)))
    few = many.take(np.array([2, 0]))
    np.testing.assert_array_equal(few.centre, [[4, 5], [0, 1]])
    assert (few.rate.shape, few.scale.shape) == ((1, 2), (2, 2))


# linked steps


def test_linked_steps_are_one_to_one_and_their_volume_is_the_maps(field):
    points = points_of(field.derivatives, 40, seed=5)
    there, taken = carry_linked(field, points, GOAL, 2, 3, 1e-6)
    arrived = np.flatnonzero(there.arrived)
    assert len(arrived) > 30
    assert set(np.unique(taken)) <= {0, 2, 4, 8}
    assert np.isnan(there.points.y[~there.arrived]).all()
    back, again = carry_linked(
        field, there.points.take(arrived), GOAL.take(arrived), 2, 3, 1e-6, backward=True
    )
    assert back.arrived.all(), "what was carried is carried back"
    np.testing.assert_array_equal(again, taken[arrived])
    np.testing.assert_allclose(back.points.y, points.y[arrived], atol=1e-6)
    np.testing.assert_allclose(back.log_volume, -there.log_volume[arrived], atol=1e-6)
    # the contracted residuals: by the rates' exponentials, up to the steps' own error
    t = field.derivatives.values(there.points.take(arrived)) - GOAL.centre
    before = field.derivatives.values(points.take(arrived)) - GOAL.centre
    many = taken[arrived] >= 2
    np.testing.assert_allclose(
        t[many], before[many] * np.exp(-GOAL.rate), atol=0.15 * np.abs(before).max()
    )
