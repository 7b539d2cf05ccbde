"""Modes: evidence and shares of known mixtures, curved valleys, edges, and what is refused."""

import numpy as np
import pytest
from scipy.stats import multivariate_t

from pontecorvo.base.errors import InputError
from pontecorvo.core.measurement import GaussianMeasurement, Measured
from pontecorvo.core.model import Model
from pontecorvo.core.prior import Prior, Uniform
from pontecorvo.core.quantity import Quantity
from pontecorvo.core.target import Target
from pontecorvo.samplers.levenberg import jacobian, minimise
from pontecorvo.samplers.modes import ModeSettings, describe, sample_modes
from pontecorvo.samplers.student_mixture import StudentMixture, improve

FAST = ModeSettings(
    400, 200, members=24, steps=120, snapshots=12, round_draws=8000, draws=20000, most_draws=100000
)


class Wells(Model):
    """x^2 and y^2 measured: four wells, of which the prior's range keeps some."""

    name = "wells"
    parameters = (Quantity("x"), Quantity("y"))
    observables = (Quantity("x2"), Quantity("y2"))

    def __init__(self, low=-3.0):
        self.prior = Prior([Uniform(low, 3), Uniform(-3, 3)])

    def forward(self, theta):
        return theta**2


class Valley(Model):
    """One combination measured of two: a curved valley that ends at the prior's edges."""

    name = "valley"
    parameters = (Quantity("x"), Quantity("y"))
    observables = (Quantity("z"),)

    def __init__(self):
        self.prior = Prior([Uniform(-1, 1), Uniform(-1, 1)])

    def forward(self, theta):
        return theta[:, 1:] - theta[:, :1] ** 2


def _data(**values):
    return GaussianMeasurement([Measured(n, v, s) for n, (v, s) in values.items()])


def _grid(target, low, high, n=1500):
    x, y = (
        np.linspace(a, b, n + 1)[:-1] + 0.5 * (b - a) / n for a, b in zip(low, high, strict=True)
    )
    points = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1).reshape(-1, 2)
    log_p = target.log_likelihood(points) + target.log_prior(points)
    return float(np.log(np.exp(log_p).sum() * np.prod((high - low) / n)))


@pytest.mark.parametrize("low", [-3.0, -0.9])
def test_separate_wells(low):
    target = Target(Wells(low), _data(x2=(1.0, 0.02), y2=(2.0, 0.05)))
    draws = sample_modes(target, 2000, settings=FAST)
    expected = _grid(target, np.array([low, -3.0]), np.array([3.0, 3.0]))
    assert draws.log_evidence == pytest.approx(expected, abs=0.03)
    assert draws.log_evidence_error < 0.01
    rows = [row for row in draws.notes["modes"] if row["share"] > 1e-3]
    assert len(rows) == (4 if low == -3 else 2)
    for row in rows:
        assert abs(row["share"] - 1 / len(rows)) < 5 * row["error"] + 0.005
        assert row["starts"] > 1
        assert row["best"]["x"] ** 2 == pytest.approx(1, abs=0.05)
    counts = np.bincount(draws.chain)[: len(rows)] / len(draws.theta)
    assert np.allclose(counts, 1 / len(rows), atol=0.05)
    assert draws.converged
    assert "share" in describe(rows, ["x", "y"])


def test_a_curved_valley_is_one_mode():
    target = Target(Valley(), _data(z=(0.0, 0.01)))
    draws = sample_modes(target, 2000, settings=FAST)
    # the likelihood is a density in y for each x: Z = int dx/2 * (1/2) [y in range] = 1/2
    assert draws.log_evidence == pytest.approx(np.log(0.5), abs=0.02)
    assert draws.notes["modes"][0]["share"] > 0.98
    assert draws.theta[:, 0].std() == pytest.approx(1 / np.sqrt(3), abs=0.03)


def test_resumed_and_repeated_runs_are_the_same(tmp_path):
    target = Target(Wells(), _data(x2=(1.0, 0.02), y2=(2.0, 0.05)))
    one = sample_modes(target, 500, 3, tmp_path, FAST)
    (tmp_path / "modes-draws-0.npz").unlink()
    two = sample_modes(target, 500, 3, tmp_path, FAST)
    three = sample_modes(target, 500, 3, None, FAST)
    assert np.array_equal(one.theta, two.theta)
    assert np.array_equal(one.theta, three.theta)
    assert one.log_evidence == two.log_evidence


def test_likelihoods_without_residuals_are_refused():
    class Own:
        def log_likelihood(self, observables):
            return -observables[:, 0]

        def within_three_sigma(self, observables):
            return observables[:, 0] < 3

        def describe(self):
            return {}

    with pytest.raises(InputError, match="method: smc"):
        sample_modes(Target(Wells(), Own()), 100, settings=FAST)


def test_least_squares_ends_in_the_minima_and_at_edges():
    def residuals(u):
        return np.stack([(u[:, 0] - 0.3) * 10, (u[:, 1] ** 2 - 2.0) * 5], axis=1)

    starts = np.random.default_rng(0).random((50, 2))
    found = minimise(residuals, starts)
    assert np.abs(found.u - [0.3, 1.0]).max() < 1e-3  # the second presses against its face
    slope = jacobian(residuals, starts, residuals(starts))
    assert np.allclose(slope[:, 0, 0], 10, rtol=1e-5)
    assert np.allclose(slope[:, 1, 1], 10 * starts[:, 1], rtol=1e-4, atol=1e-5)


def test_mixture_density_against_scipy():
    rng = np.random.default_rng(1)
    roots = np.tril(rng.normal(size=(3, 2, 2))) * 0.1
    roots[:, [0, 1], [0, 1]] = rng.uniform(0.05, 0.2, (3, 2))
    mixture = StudentMixture(np.array([0.2, 0.5, 0.3]), rng.random((3, 2)), roots)
    x = rng.random((50, 2)) * 3
    expected = sum(
        w * multivariate_t(m, r @ r.T, 5).pdf(x)
        for w, m, r in zip(mixture.weights, mixture.means, roots, strict=True)
    )
    assert np.allclose(mixture.log_density(x), np.log(expected))
    draws = mixture.draw(100_000, rng)
    assert np.allclose(draws.mean(axis=0), mixture.weights @ mixture.means, atol=0.01)


def test_improvement_raises_the_likelihood():
    rng = np.random.default_rng(2)
    x = np.concatenate([rng.normal(0, 0.1, (500, 2)), rng.normal(1, 0.2, (500, 2))])
    start = StudentMixture(
        np.full(2, 0.5), np.array([[0.3, 0.3], [0.6, 0.7]]), np.stack([np.eye(2)] * 2)
    )
    weight, before = np.full(1000, 1e-3), -np.inf
    for _ in range(15):
        value = start.log_density(x).mean()
        assert value > before - 1e-9
        before, start = value, improve(start, x, weight)
    assert np.allclose(np.sort(start.means[:, 0]), [0, 1], atol=0.05)
