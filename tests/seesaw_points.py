"""Points for tests of the seesaw map: prior draws and nasty ones."""

import numpy as np


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
    from pontecorvo.physics.pmns import haar_unitary
    from pontecorvo.problems.seesaw.casas_ibarra import complex_orthogonal, yukawa_from_casas_ibarra

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
