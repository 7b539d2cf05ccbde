"""Models whose evidence is a small integral: what the lift is measured against."""

from functools import cache

import numpy as np
from scipy.stats import norm

from pontecorvo.core.measurement import GaussianMeasurement, Measured
from pontecorvo.core.model import Model
from pontecorvo.core.prior import Normal, Prior, SignedLogUniform, Uniform
from pontecorvo.core.quantity import Quantity
from pontecorvo.core.target import Target


def measured(name, central, sigma, period=None):
    return Measured(
        name, central, sigma, sigma, central - 3 * sigma, central + 3 * sigma, period=period
    )


class Toy(Model):
    """Parameters and observables by name; the map is given."""

    def __init__(self, name, marginals, function, observables, ordered=()):
        self.name = name
        self.parameters = tuple(Quantity(f"p{i}") for i in range(len(marginals)))
        self.observables = tuple(Quantity(o) for o in observables)
        self.prior = Prior(marginals, ordered=ordered)
        self._function = function

    def forward(self, theta):
        return self._function(theta)


@cache
def banana(dim=10, bend=0.5):
    """x1 = a, x2 = b + bend a^2 of standard normal parameters; the evidence is one integral."""

    def function(theta):
        return np.stack([theta[:, 0], theta[:, 1] + bend * theta[:, 0] ** 2], axis=1)

    model = Toy("banana", [Normal(0, 1)] * dim, function, ["x1", "x2"])
    values = (0.8, 0.5), (0.02, 0.01)
    measurement = GaussianMeasurement(
        [measured(n, v, s) for n, v, s in zip(("x1", "x2"), *values, strict=True)]
    )
    a = np.linspace(-8, 8, 400_001)
    (v1, v2), (s1, s2) = values
    density = norm.pdf(a) * norm.pdf(v1, a, s1) * norm.pdf(v2, bend * a**2, np.hypot(1, s2))
    return Target(model, measurement), float(np.log(np.trapezoid(density, a)))


@cache
def two_modes():
    """x = a^2 with a ~ N(0.4, 1): modes at both roots, whose weights the prior gives."""
    model = Toy("two-modes", [Normal(0.4, 1), Normal(0, 1)], lambda t: t[:, :1] ** 2, ["x"])
    sigma = 0.02
    measurement = GaussianMeasurement([measured("x", 2.0, sigma)])
    a = np.linspace(-8, 8, 2_000_001)
    density = norm.pdf(a, 0.4, 1) * norm.pdf(2.0, a**2, sigma)
    z = np.trapezoid(density, a)
    right = np.trapezoid(np.where(a > 0, density, 0), a) / z
    return Target(model, measurement), float(np.log(z)), float(right)


@cache
def more_data(bins=6):
    """Two parameters, six bins of amplitude * exp(-slope t): more data than parameters."""
    times = np.linspace(0.2, 2, bins)

    def function(theta):
        return theta[:, :1] * np.exp(-theta[:, 1:2] * times)

    names = [f"bin{i}" for i in range(bins)]
    model = Toy("decay", [Uniform(0.5, 4), Uniform(0.1, 2)], function, names)
    values = 2.0 * np.exp(-0.9 * times) * (1 + 0.01 * np.cos(7 * times))
    sigma = 0.02 * values
    rows = np.arange(bins)
    correlation = 0.5 ** np.abs(rows[:, None] - rows)
    measurement = GaussianMeasurement(
        [measured(*each) for each in zip(names, values, sigma, strict=True)],
        correlation=correlation,
    )
    target = Target(model, measurement)
    return target, grid_evidence(target, [(1.7, 2.3), (0.7, 1.1)])


def grid_evidence(target, ranges, points=1201):
    """Log-evidence of a model of two uniform parameters by the trapezoidal rule."""
    axes = [np.linspace(*r, points) for r in ranges]
    mesh = np.stack([m.ravel() for m in np.meshgrid(*axes, indexing="ij")], axis=1)
    log_density = target.log_prior(mesh) + target.log_likelihood(mesh)
    top = log_density.max()
    values = np.exp(log_density - top).reshape(points, points)
    inner = np.trapezoid(values, axes[1], axis=1)
    return float(top + np.log(np.trapezoid(inner, axes[0])))


@cache
def signed_scales():
    """x = a b of two log-uniform numbers of either sign: four modes, cells that stay."""
    model = Toy(
        "signed-scales",
        [SignedLogUniform(1e-2, 1), SignedLogUniform(1e-2, 1)],
        lambda t: np.stack([t[:, 0] * t[:, 1]], axis=1),
        ["x"],
    )
    sigma = 0.002
    target = Target(model, GaussianMeasurement([measured("x", 0.05, sigma)]))
    # log abs(a) + log abs(b) has a triangular law on [2 log 0.01, 0]; half of the signs agree
    s = np.linspace(2 * np.log(0.01), 0, 400_001)
    width = -np.log(0.01)
    density = 0.5 * (width - np.abs(s + width)) / width**2 * norm.pdf(0.05, np.exp(s), sigma)
    return target, float(np.log(np.trapezoid(density, s)))


@cache
def wheel():
    """An angle and a radius, both seen: periodic parameter, measured angle."""

    def function(theta):
        turned = theta[:, 0] + 0.5 * np.sin(theta[:, 1])
        return np.stack([turned % (2 * np.pi), theta[:, 1] * (1 + 0.2 * np.cos(theta[:, 0]))], 1)

    model = Toy(
        "wheel", [Uniform(0, 2 * np.pi, periodic=True), Uniform(0.5, 3)], function, ["phi", "r"]
    )
    measurement = GaussianMeasurement(
        [measured("phi", 6.2, 0.05, 2 * np.pi), measured("r", 1.5, 0.03)]
    )
    target = Target(model, measurement)
    return target, grid_evidence(target, [(0, 2 * np.pi), (1, 2)], 2401)


@cache
def ordered_sum():
    """Two ordered uniform numbers whose sum and product are seen."""

    def function(theta):
        return np.stack([theta[:, 0] + theta[:, 1] + 0.1 * theta[:, 0] ** 2], axis=1)

    model = Toy("ordered", [Uniform(0, 1), Uniform(0, 1)], function, ["s"], ordered=[(0, 1)])
    target = Target(model, GaussianMeasurement([measured("s", 0.9, 0.01)]))
    axis = np.linspace(0, 1, 4001)
    a, b = np.meshgrid(axis, axis, indexing="ij")
    likelihood = norm.pdf(0.9, a + b + 0.1 * a**2, 0.01)
    half = np.where(a < b, 1.0, np.where(a == b, 0.5, 0.0))
    z = np.trapezoid(np.trapezoid(2 * half * likelihood, axis, axis=1), axis)
    return target, float(np.log(z))
