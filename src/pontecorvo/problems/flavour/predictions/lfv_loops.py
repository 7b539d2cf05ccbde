r"""The loop function of l_i -> l_j gamma with a Majorana neutrino and a W, accurate everywhere.

.. math:: F(x) = \frac{10 - 43x + 78x^2 - 49x^3 + 4x^4 + 18x^3 \ln x}{3 (x-1)^4},
    \qquad x = m^2/M_W^2

F(0) = 10/3, F(infinity) = 4/3. Source: S. T. Petcov, Sov. J. Nucl. Phys. 25 (1977) 340; T.-P. Cheng
and L.-F. Li, Phys. Rev. Lett. 45 (1980) 1908. What survives unitarity is ``F(x) - 10/3``: of order
1e-25 for light neutrinos, so that it is computed by itself and never as a difference.
"""

from __future__ import annotations

from math import comb

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["dipole_loop", "dipole_loop_minus_massless"]

_NEAR = 0.35  # distance from x = 1 within which the expansion about 1 is used
_TERMS = 40


def _about_one() -> np.ndarray:
    """Coefficients of F(1 + u) in u: the numerator's powers from u^4 on, over 3.

    Powers 0 to 3 cancel between the polynomial and 18 (1 + u)^3 ln(1 + u).
    """
    coefficients = []
    for k in range(4, 4 + _TERMS):
        value = 18 * sum(comb(3, j) * (-1.0) ** (k - j + 1) / (k - j) for j in range(4))
        coefficients.append((value + (4 if k == 4 else 0)) / 3)
    return np.array(coefficients)


_ONE = _about_one()


def dipole_loop_minus_massless(x: ArrayLike) -> np.ndarray:
    """``F(x) - 10/3`` for ``x = (m/M_W)^2 >= 0`` of any shape; relative accuracy about 1e-12.

    Infinite x gives -2. Where x is negative or NaN the result is NaN.
    """
    x = np.asarray(x, np.float64)
    with np.errstate(all="ignore"):
        positive = np.where(x > 0, x, 1.0)
        log = np.log(positive)
        # numerator of F minus 10 (x - 1)^4: nothing is left at x^0, so small x keeps its digits
        low = (-3 * x + 18 * x**2 - 9 * x**3 - 6 * x**4 + 18 * x**3 * log) / (3 * (x - 1) ** 4)
        w = 1 / positive
        high = (-6 - 9 * w + 18 * w**2 - 3 * w**3 + 18 * w * log) / (3 * (1 - w) ** 4)
        near = np.polynomial.polynomial.polyval(x - 1, _ONE) - 10 / 3
        result = np.where(x < 1, low, high)
        result = np.where(np.abs(x - 1) < _NEAR, near, result)
    return np.where(np.isposinf(x), -2.0, np.where(x >= 0, result, np.nan))


def dipole_loop(x: ArrayLike) -> np.ndarray:
    """``F(x)`` for ``x = (m/M_W)^2 >= 0`` of any shape."""
    return 10 / 3 + dipole_loop_minus_massless(x)
