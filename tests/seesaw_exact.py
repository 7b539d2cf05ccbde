"""The seesaw map in 50-digit arithmetic, from the definitions alone."""

import mpmath
import numpy as np


def exact_observables(theta: np.ndarray, ordering: str, vev: float = 174.1) -> list[float]:
    """The five observables of one point, by mpmath's Hermitian eigensolver on ``m^+ m``."""
    # masses over 1e8 enter squared: 50 digits of the answer want twice 16 digits more
    with mpmath.workdps(90):
        t = [mpmath.mpf(float(x)) for x in theta]
        y = mpmath.matrix(3, 3)
        for a in range(3):
            for i in range(3):
                y[a, i] = mpmath.mpc(t[3 * a + i], t[9 + 3 * a + i])
        phases = [t[21], t[22], mpmath.mpf(0)]
        inverse = mpmath.diag(
            [mpmath.mpf(10) ** -t[18 + i] * mpmath.expj(-phases[i]) for i in range(3)]
        )
        m = mpmath.mpf(float(vev)) ** 2 * mpmath.mpf(10) ** 9 * (y * inverse * y.T)
        # m^+ m = U diag(m_i^2) U^+
        squares, u = mpmath.eighe(m.H * m)
        one, two, three = (1, 2, 0) if ordering == "io" else (0, 1, 2)
        base = two if ordering == "io" else one

        def p(a: int, i: int) -> mpmath.mpf:
            return abs(u[a, i]) ** 2

        return [
            float(squares[two] - squares[one]),
            float(squares[three] - squares[base]),
            float(p(0, two) / (p(0, one) + p(0, two))),
            float(p(0, three)),
            float(p(1, three) / (p(1, three) + p(2, three))),
        ]
