"""Points for tests of the seesaw map: prior draws and nasty ones, and Casas-Ibarra's formula."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pontecorvo.physics.pmns import haar_unitary
from pontecorvo.problems.seesaw.formula import EV_PER_GEV, VEV


def prior_points(n: int, seed: int, low: float = 12.0, high: float = 17.0) -> np.ndarray:
    """Draws of theta ``(n, 23)`` from the default prior."""
    rng = np.random.default_rng(seed)
    return np.concatenate(
        [
            rng.uniform(-1.0, 1.0, (n, 18)),
            np.sort(rng.uniform(low, high, (n, 3)), axis=1),
            rng.uniform(0.0, 2.0 * np.pi, (n, 2)),
        ],
        axis=1,
    )


def graded_points(n: int, seed: int) -> np.ndarray:
    """Heavy masses over eight decades, the middle one anywhere; half of them in reversed order."""
    rng = np.random.default_rng(seed)
    theta = prior_points(n, seed + 1)
    theta[:, 18] = 9.0
    theta[:, 19] = rng.uniform(9.0, 17.0, n)
    theta[:, 20] = 17.0
    theta[: n // 2, 18:21] = theta[: n // 2, 20:17:-1]
    return theta


def close_points(n: int, seed: int) -> np.ndarray:
    """Light masses of which two agree to 1e-2 .. 1e-5, by Casas-Ibarra with a mild R."""
    rng = np.random.default_rng(seed)
    gap = 10.0 ** rng.uniform(-5.0, -2.0, n)
    masses = np.stack([np.full(n, 0.05), 0.05 * (1.0 + gap), 10.0 ** rng.uniform(-4, 0, n)], axis=1)
    euler = rng.uniform([0, -1, 0], [2 * np.pi, 1, 2 * np.pi], (n, 3))
    r = complex_orthogonal(euler, rng.normal(0.0, 0.5, (n, 3)))
    theta = prior_points(n, seed + 1, low=13.0, high=15.0)
    heavy = 10.0 ** theta[:, 18:21] * np.exp(1j * np.pad(theta[:, 21:], ((0, 0), (0, 1))))
    y = yukawa_from_casas_ibarra(masses, haar_unitary(n, rng), r, heavy)
    theta[:, :9], theta[:, 9:18] = y.real.reshape(n, 9), y.imag.reshape(n, 9)
    return theta


def yukawa_from_casas_ibarra(
    masses: ArrayLike, u: ArrayLike, r: ArrayLike, m: ArrayLike, vev: float = VEV
) -> NDArray[np.complex128]:
    """Yukawa matrix ``(..., 3, 3)`` [flavour, heavy] from Casas-Ibarra parameters.

    ``masses`` ``(..., 3)`` in eV and ``u`` ``(..., 3, 3)`` with the same labels, ``r``
    ``(..., 3, 3)`` complex orthogonal, ``m`` ``(..., 3)`` complex heavy masses in GeV.
    """
    light = np.sqrt(np.asarray(masses, np.float64) / EV_PER_GEV)
    heavy = np.sqrt(np.asarray(m, np.complex128))
    u, r = np.asarray(u, np.complex128), np.asarray(r, np.complex128)
    return (u.conj() * light[..., None, :]) @ r * (heavy[..., None, :] / vev)


def _rotation(euler: NDArray[np.float64]) -> NDArray[np.float64]:
    a, cb, g = np.moveaxis(euler, -1, 0)
    sb = np.sqrt((1.0 - cb) * (1.0 + cb))
    ca, sa, cg, sg = np.cos(a), np.sin(a), np.cos(g), np.sin(g)
    rows = [
        [ca * cb * cg - sa * sg, -ca * cb * sg - sa * cg, ca * sb],
        [sa * cb * cg + ca * sg, -sa * cb * sg + ca * cg, sa * sb],
        [-sb * cg, sb * sg, cb],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def _antisymmetric(v: NDArray[np.float64]) -> NDArray[np.float64]:
    """``A_ij = eps_ijk v_k`` of vectors ``(..., 3)``."""
    result = np.zeros((*v.shape, 3))
    for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        result[..., i, j] = v[..., k]
        result[..., j, i] = -v[..., k]
    return result


def complex_orthogonal(euler: ArrayLike, boost: ArrayLike) -> NDArray[np.complex128]:
    """``R = O exp(iA)`` ``(..., 3, 3)`` from ``euler = (a, cos b, g)`` and ``boost``, ``(..., 3)``.

    Angles in radians, ``cos b`` in [-1, 1]. The Haar measure is flat in (a, cos b, g) and
    ``sinh(eta)^2/eta^2`` in the boost, ``eta`` its length.
    """
    euler, boost = np.asarray(euler, np.float64), np.asarray(boost, np.float64)
    eta = np.sqrt(np.sum(boost**2, axis=-1))[..., None, None]
    small = eta < 1e-4
    safe = np.where(small, 1.0, eta)
    first = np.where(small, 1.0 + eta**2 / 6.0, np.sinh(safe) / safe)
    # (cosh x - 1)/x^2 = 2 sinh^2(x/2)/x^2, which has no cancellation
    second = np.where(small, 0.5 + eta**2 / 24.0, 2.0 * (np.sinh(0.5 * safe) / safe) ** 2)
    ia = 1j * _antisymmetric(boost)
    return _rotation(euler) @ (np.eye(3) + first * ia + second * (ia @ ia))
