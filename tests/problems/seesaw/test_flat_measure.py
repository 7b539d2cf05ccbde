"""The constant of the Takagi measure against its Gaussian integral, by Monte Carlo over masses."""

import numpy as np
import pytest

from pontecorvo.problems.seesaw.flat_measure import LOG_SO3C_CONSTANT, log_takagi_constant


def test_the_gaussian_integral_of_symmetric_matrices():
    """Integral of exp(-sum abs(m_ij)^2) d^12 m is pi^3 (pi/2)^3; by masses it has K in front.

    sum abs(m_ij)^2 = sum m_i^2, so with x = m^2: K / 8 int prod abs(x_i - x_j) exp(-sum x) over one
    order of the x, which is the mean over exponential x, divided by 3!.
    """
    x = np.random.default_rng(0).exponential(size=(400_000, 3))
    product = np.abs((x[:, 0] - x[:, 1]) * (x[:, 0] - x[:, 2]) * (x[:, 1] - x[:, 2]))
    error = product.std() / product.mean() / np.sqrt(len(x))
    found = np.log(product.mean() / 6 / 8) + log_takagi_constant()
    assert found == pytest.approx(3 * np.log(np.pi) + 3 * np.log(np.pi / 2), abs=5 * error)
    assert error < 0.01


def test_the_other_constant():
    """(1/4)^3 of the diagonal, 8 pi^2 of SO(3), and 2 for R -> -R."""
    assert np.exp(LOG_SO3C_CONSTANT) == pytest.approx(2 * 8 * np.pi**2 / 4**3)
