"""Guidance by a model: exact where all is linear and normal, quiet where r is no number."""

import numpy as np
import pytest
import torch

from pontecorvo import InputError
from pontecorvo.flows.coordinates import Coordinates
from pontecorvo.flows.noise_schedules import draw_base, make_path
from pontecorvo.flows.ode_samplers import run_sampler
from pontecorvo.flows.pseudo_inverse import PseudoInverseGuided

DIM = 3
ROOT12 = np.sqrt(12.0)
ROW = np.array([1.0, -2.0, 0.5])  # of the only measurement,
WANTED, SIGMA = 1.5, 0.02  # its value and error


class StandardNormal:
    """The exact field of data that are standard normal: E[x_0 | x] = a x where a^2 + b^2 = 1."""

    def __init__(self):
        self.path = make_path("vp")
        self.periodic = torch.zeros(DIM, dtype=torch.bool)

    def velocity(self, x, s):
        level = self.path.level(s, self.periodic)
        return level.da * level.a * x + level.db * level.b * x


def linear(u):
    """Residual of ROW . z for z = sqrt(12) (u - 1/2), and its derivatives by u."""
    z = ROOT12 * (u - 0.5)
    residual = ((z @ ROW) - WANTED)[:, None] / SIGMA
    return residual, np.tile(ROOT12 * ROW / SIGMA, (len(u), 1))[:, None, :]


def guided(residuals=linear, **more):
    field = StandardNormal()
    coordinates = Coordinates(field.periodic, "affine", "none")
    return PseudoInverseGuided(field, residuals, coordinates, "none", **more)


def exact_posterior():
    precision = np.eye(DIM) + np.outer(ROW, ROW) / SIGMA**2
    covariance = np.linalg.inv(precision)
    return covariance @ ROW * WANTED / SIGMA**2, covariance


@pytest.mark.parametrize(("sampler", "eta", "steps"), [("ddim", 0.0, 300), ("ancestral", 1.0, 300)])
def test_linear_normal_draws_follow_the_exact_posterior(sampler, eta, steps):
    field = guided(largest=1e6)
    rng = torch.Generator().manual_seed(3)
    noise = draw_base((6000, DIM), field.path, field.periodic, rng)
    z = run_sampler(field, noise, sampler, steps, eta, 4).double().numpy()
    mean, covariance = exact_posterior()
    found = np.cov(z.T)
    assert np.abs(z.mean(axis=0) - mean).max() < 4 * np.sqrt(covariance.max() / len(z)) + 0.01
    free = np.linalg.svd(ROW[None])[2][1:]  # directions that are not measured
    assert np.allclose(free @ found @ free.T, np.eye(2), atol=0.08)
    assert np.abs(z @ ROW - WANTED).mean() < 5 * SIGMA  # the last step stands at noise 0.01


def test_a_residual_that_is_no_number_changes_nothing():
    def broken(u):
        residual, slopes = linear(u)
        residual[0] = np.nan
        return residual, slopes

    plain, field = StandardNormal(), guided(broken)
    x = torch.randn(4, DIM, generator=torch.Generator().manual_seed(1))
    s = torch.tensor(0.8, dtype=torch.float64)
    change = (field.velocity(x, s) - plain.velocity(x, s)).abs().amax(dim=1)
    assert change[0] < 1e-5
    assert (change[1:] > 1e-2).all()


def test_a_correction_has_a_largest_size():
    x = torch.full((1, DIM), 5.0)
    s = torch.tensor(0.5, dtype=torch.float64)
    small, large = guided(largest=1e-3), guided(largest=1e6)
    plain = StandardNormal().velocity(x, s)
    assert (small.velocity(x, s) - plain).norm() < 1e-2 < (large.velocity(x, s) - plain).norm()


def test_there_is_no_density():
    with pytest.raises(InputError, match="without density"):
        guided().velocity_and_diagonal(torch.zeros(1, DIM), torch.tensor(0.5))
