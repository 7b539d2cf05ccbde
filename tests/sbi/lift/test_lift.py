"""The lift's map: its determinant, its way back, what it contracts, and what it refuses."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri

from lift_toys import (
    Toy,
    banana,
    measured,
    more_data,
    ordered_sum,
    signed_scales,
    two_modes,
    wheel,
)
from pontecorvo.base.errors import InputError
from pontecorvo.core.joint_prior import JointPrior
from pontecorvo.core.measurement import GaussianMeasurement, Measured
from pontecorvo.core.model import Model
from pontecorvo.core.prior import Normal, Prior, Uniform
from pontecorvo.core.quantity import Quantity
from pontecorvo.core.target import Target
from pontecorvo.sbi.lift.flow import move
from pontecorvo.sbi.lift.free_coordinates import LiftCoordinates
from pontecorvo.sbi.lift.lift import Lift, LiftSettings
from pontecorvo.sbi.lift.sampler import sample_lift

TOYS = {
    "banana": lambda: banana(4)[0],
    "two-modes": lambda: two_modes()[0],
    "more-data": lambda: more_data()[0],
    "signed-scales": lambda: signed_scales()[0],
    "wheel": lambda: wheel()[0],
    "ordered": lambda: ordered_sum()[0],
}


def near(lift, n, seed=0):
    """Draws near the measurement: of the prior, carried half-way by the lift itself."""
    rng = np.random.default_rng(seed)
    theta = lift.target.model.prior.sample(4 * n, rng)
    carried = lift.carry(theta, with_volume=False)
    back = lift.carry(carried.theta[carried.arrived], backward=True, with_volume=False)
    return back.theta[back.arrived][:n]


@pytest.mark.parametrize("name", TOYS)
@pytest.mark.parametrize("eps", [0.0, 1.0])
def test_volume_is_the_determinant_of_the_discrete_map(name, eps):
    lift = Lift(TOYS[name](), LiftSettings(eps=eps, k=5.0, steps=3))
    theta = near(lift, 6)
    start = lift.coordinates.from_parameters(theta)
    moved = move(lift.field, start, lift.goal, 3)
    dim, h = lift.coordinates.dim, 3e-5
    slope = np.empty((len(theta), dim, dim))
    for column in range(dim):
        ends = {}
        for factor in (1, -1, 2, -2):  # differences of fourth order
            y = start.y.copy()
            y[:, column] += factor * h
            ends[factor] = move(lift.field, start.at(y), lift.goal, 3, with_volume=False).points.y
        inner = lift.coordinates.difference(ends[1], ends[-1])
        outer = lift.coordinates.difference(ends[2], ends[-2])
        slope[:, :, column] = (8 * inner - outer) / (12 * h)
    good = moved.arrived & np.isfinite(slope).all(axis=(1, 2))
    assert good.sum() >= 3
    expected = np.linalg.slogdet(slope[good])[1]
    np.testing.assert_allclose(moved.log_volume[good], expected, atol=3e-4)  # second differences


@pytest.mark.parametrize("name", TOYS)
def test_the_way_back_ends_at_the_start(name):
    lift = Lift(TOYS[name](), LiftSettings(k=5.0, steps=4))
    theta = near(lift, 50)
    there = lift.carry(theta)
    back = lift.carry(there.theta[there.arrived], backward=True)
    start = lift.coordinates.from_parameters(theta[there.arrived])
    end = lift.coordinates.from_parameters(back.theta)
    assert there.arrived.mean() > 0.9
    gap = np.abs(lift.coordinates.difference(start.y, end.y)[back.arrived]).max(axis=1)
    same = gap < 1e-6
    assert same.sum() >= len(same) - 1  # far away, rounding may decide whether a step is solved
    volume = (there.log_volume[there.arrived] + back.log_volume)[back.arrived]
    np.testing.assert_allclose(volume[same], 0, atol=1e-6)


def test_residuals_fall_by_k():
    target, _ = banana(3)
    lift = Lift(target, LiftSettings(eps=0.0, k={"x1": 5.0, "x2": 20.0}, steps=64))
    theta = near(lift, 100)
    after = lift.carry(theta)
    before = target.measurement.residuals(target.model.forward(theta))
    now = target.measurement.residuals(target.model.forward(after.theta))
    ratio = (before / now)[after.arrived]
    assert np.allclose(np.median(ratio, axis=0), [5.0, 20.0], rtol=0.01)


def test_linear_gaussian_lift_is_affine_and_its_volume_known():
    """Residuals of linear observables fall by the Cayley factor of each step, all else stays."""
    model = Toy("linear", [Normal(0, 1)] * 3, lambda t: t[:, :2] @ [[1, 0.3], [0, 1]], ["a", "b"])
    target = Target(model, GaussianMeasurement([measured("a", 0.1, 0.1), measured("b", 0, 0.1)]))
    settings_ = LiftSettings(eps=0.0, k=4.0, steps=5, transforms={"a": "identity"})
    lift = Lift(target, settings_)
    theta = np.random.default_rng(1).normal(size=(20, 3))
    after = lift.carry(theta)
    step = (1 - np.log(4) / 10) / (1 + np.log(4) / 10)
    np.testing.assert_allclose(after.log_volume_y, 2 * 5 * np.log(step), atol=1e-7)
    np.testing.assert_allclose(after.theta[:, 2], theta[:, 2], atol=1e-9)


@pytest.mark.parametrize(("dim", "points", "error"), [(2, 121, 1e-3), (3, 31, 2e-3)])
def test_quadrature_of_the_image_density_is_one(dim, points, error):
    """The prior's image, evaluated on a grid by the way back, has unit mass.

    The grid in three dimensions is coarse: 41 and 51 points scatter by a few 1e-4.
    """

    def function(theta):
        return np.sin(theta).sum(axis=1, keepdims=True) + 2 * theta[:, :1]

    model = Toy("waves", [Normal(0, 1)] * dim, function, ["x"])
    target = Target(model, GaussianMeasurement([measured("x", 0.7, 0.3)]))
    lift = Lift(target, LiftSettings(k=3.0, steps=2, eps=0.3))
    line = np.linspace(-6, 6, points)
    mesh = np.stack([m.ravel() for m in np.meshgrid(*[line] * dim, indexing="ij")], axis=1)
    start = lift.coordinates.from_parameters(mesh)
    back = move(lift.field, start, lift.goal, 2, backward=True)
    log_density = lift.coordinates.log_prior(back.points.y) + back.log_volume
    mass = np.exp(log_density[back.arrived]).sum() * (line[1] - line[0]) ** dim
    assert mass == pytest.approx(1, abs=error)


COORDINATES = {name: LiftCoordinates(make().model.prior) for name, make in TOYS.items()}


@given(st.sampled_from(list(TOYS)), st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_coordinates_and_parameters_are_inverse(name, seed):
    coordinates = COORDINATES[name]
    theta = coordinates.prior.sample(8, np.random.default_rng(seed))
    points = coordinates.from_parameters(theta)
    np.testing.assert_allclose(coordinates.to_parameters(points), theta, rtol=1e-9)


def refuse(function, observables, message, marginals=None, sigma=0.1):
    model = Toy("bad", marginals or [Uniform(0.5, 1)] * 2, function, observables)
    target = Target(model, GaussianMeasurement([measured(o, 0.7, sigma) for o in observables]))
    with pytest.raises(InputError, match=message):
        Lift(target)


def test_bad_models_are_named():
    refuse(lambda t: 0 * t[:, :1] + 0.7, ["flat"], "flat does not change with any parameter")
    refuse(lambda t: t[:, :1] * [1.0, 2.0], ["a", "b"], "rank 1 at every draw")
    refuse(lambda t: t[:, :1] * np.nan, ["nothing"], "not a number")


def test_a_wrong_derivative_is_named():
    class Wrong(Toy):
        def jacobian(self, theta):
            return np.stack([np.stack([2 * theta[:, 0], 1.3 + 0 * theta[:, 0]], 1)], 1)

    model = Wrong("wrong", [Uniform(0.5, 1)] * 2, lambda t: t[:, :1] ** 2 + t[:, 1:], ["x"])
    with pytest.raises(InputError, match=r"disagrees .* d\(x\)/d\(p1\)"):
        Lift(Target(model, GaussianMeasurement([measured("x", 1.0, 0.01)])))


def test_derivatives_by_torch_by_hand_and_by_differences_agree():
    torch = pytest.importorskip("torch")

    class Torch(Toy):
        def forward_torch(self, theta):
            return torch.exp(theta[:, :1]) * torch.sin(theta[:, 1:])

    class Hand(Toy):
        def jacobian(self, theta):
            a, b = np.exp(theta[:, 0]), theta[:, 1]
            return np.stack([a * np.sin(b), a * np.cos(b)], axis=1)[:, None]

    def function(t):
        return np.exp(t[:, :1]) * np.sin(t[:, 1:])

    found = {}
    for kind in (Torch, Hand, Toy):
        model = kind("three", [Uniform(0, 1), Uniform(0.2, 1)], function, ["x"])
        lift = Lift(Target(model, GaussianMeasurement([measured("x", 1.0, 0.02)])))
        theta = model.prior.sample(30, np.random.default_rng(2))
        found[lift.derivatives.how.split()[0]] = lift.carry(theta)
    assert set(found) == {"automatic", "the", "central"}
    for other in ("automatic", "central"):
        np.testing.assert_allclose(found[other].theta, found["the"].theta, atol=1e-8)
        np.testing.assert_allclose(found[other].log_volume, found["the"].log_volume, atol=1e-5)


def test_lost_draws_are_counted_not_dropped():
    def function(theta):
        x = theta[:, :1].copy()
        x[np.abs(x) < 0.05] = np.nan  # a wall through the middle
        return x

    model = Toy("walled", [Uniform(-1, 1)], function, ["x"])
    target = Target(model, GaussianMeasurement([measured("x", 0.3, 0.01)]))
    lift = Lift(target, LiftSettings(k=100.0))
    theta = np.linspace(-0.9, 0.9, 37)[:, None]
    part = lift.carry(theta)
    assert len(part.theta) == 37
    assert 5 < part.lost < 30
    assert np.isnan(part.theta[~part.arrived]).all()
    assert part.arrived[theta[:, 0] > 0.1].all()


def test_a_prior_with_a_joint_block_is_lifted_by_differences():
    class Turned:
        """Two normal numbers, turned by 45 degrees and stretched."""

        def from_unit_cube(self, u):
            z = ndtri(u)
            return np.stack([z[:, 0] + z[:, 1], z[:, 0] - z[:, 1]], axis=1)

        def to_unit_cube(self, theta):
            both = 0.5 * np.stack([theta[:, 0] + theta[:, 1], theta[:, 0] - theta[:, 1]], axis=1)
            return ndtr(both)

        def log_density(self, theta):
            return -0.25 * (theta**2).sum(axis=1) - np.log(4 * np.pi)

    model = Toy("block", [Normal(0, 1)] * 3, lambda t: t[:, :1] + 0.2 * t[:, 2:] ** 2, ["x"])
    model.prior = JointPrior([Normal(0, 1)] * 3, {(0, 1): Turned()})
    lift = Lift(Target(model, GaussianMeasurement([measured("x", 1.0, 0.05)])))
    assert "joint blocks" in lift.derivatives.how
    theta = model.prior.sample(40, np.random.default_rng(3))
    there = lift.carry(theta)
    back = lift.carry(there.theta[there.arrived], backward=True)
    np.testing.assert_allclose(back.theta, theta[there.arrived], atol=1e-6)
    np.testing.assert_allclose(back.log_volume, -there.log_volume[there.arrived], atol=1e-5)


def test_a_direction_that_only_the_prior_knows_is_left_alone():
    """Three data of two parameters of which only the sum counts: k is finite, draws arrive."""

    class Sum(Model):
        name = "sum"
        parameters = (Quantity("a"), Quantity("b"))
        observables = tuple(Quantity(f"x{i}") for i in range(3))
        prior = Prior([Normal(0, 1), Normal(0, 1)])

        def forward(self, theta):
            return theta.sum(axis=1, keepdims=True) * np.array([1.0, 2.0, 3.0])

    measured = [Measured(f"x{i}", 0.5 * (i + 1), 0.02, 0.02, 0, 3) for i in range(3)]
    target = Target(Sum(), GaussianMeasurement(measured))
    draws = sample_lift(target, 2000, seed=3)
    share = 1 / 0.02**2 * (1 + 4 + 9)  # precision of the sum, whose prior variance is two
    variance = 1 / (share + 0.5)
    total = draws.theta.sum(axis=1)
    weight = np.exp(draws.log_weight - draws.log_weight.max())
    mean = np.average(total, weights=weight)
    spread = np.sqrt(np.average((total - mean) ** 2, weights=weight))
    assert abs(mean - share * variance * 0.5) < 5 * np.sqrt(variance / draws.ess)
    assert abs(spread / np.sqrt(variance) - 1) < 0.15
