"""The discrete symmetries of the Casas-Ibarra chart divided out: 1,024 equal copies become one.

Prior and observables do not change when a row of Y is multiplied by i (64 ways for three rows), a
column by -1, a column by i with its mass's phase by -1, or when a light neutrino's field changes
sign, which moves U and R but not Y. In the chart's coordinates these are shifts by half or a
quarter turn and reflections; the table says what remains. A network that learns the folded
coordinates sees a density without copies, and periodic where it says so.

====== ==========================================================================================
w      of the chart's coordinates u
====== ==========================================================================================
0-4    u0-u4, the observables
5      u5, delta (periodic)
6      u6 / 2 + 1/4, alpha21 over 4 pi (periodic; half a turn goes with a sign of R's second row)
7, 8   u7 / 2 + u12 and u7 / 2 - u12: alpha31 and Euler's a, whose joint half turn is a sign
9, 10  u14 + u16 and u14 - u16: Euler's g and the boost's azimuth (periodic, as 7 and 8)
11     u11, the lightest mass
12     abs(2 u13 - 1), cosine of Euler's b
13     abs(2 u15 - 1), cosine of the boost's polar angle
14     u17, the boost
15-17  4 u8, 4 u9, 4 u10, the phases of the rows (periodic)
18, 19 2 u18, 2 u19, phases of M_1 and M_2 (periodic)
20-22  u20-u22, the heavy masses
====== ==========================================================================================

A uniform u is a uniform w, and the chart's density is the same at all copies: densities carry over
without a factor. CP conjugation turns the sign of all periodic coordinates (the quarter in w6 is
there for that) and leaves the others.
"""

from collections.abc import Mapping
from copy import copy
from dataclasses import replace

import numpy as np

from ...base.parallel import map_chunks
from ..flavour.nufit import OSCILLATION
from .casas_ibarra_chart import CasasIbarraChart

OBSERVED = slice(0, 5)
LEARNED = slice(5, 15)
PHASES = slice(15, 20)
HEAVY = slice(20, 23)
DIM = 23
PERIODIC = np.zeros(DIM, dtype=bool)
PERIODIC[5:11] = PERIODIC[15:20] = True
COPIES = 4**3 * 2**2 * 2 * 2  # rows; phases of M_1, M_2; signs of two columns


def fold(u: np.ndarray) -> np.ndarray:
    """Folded coordinates w (N, 23) of the chart's coordinates u (N, 23)."""
    delta, x21, a31 = u[:, 5], 0.5 * u[:, 6] + 0.25, u[:, 7]
    a, g, azimuth = u[:, 12], u[:, 14], u[:, 16]
    cos_b, cos_t = 2 * u[:, 13] - 1, 2 * u[:, 15] - 1
    # a sign of the second light neutrino's field: O -> R_y(pi) O
    low = cos_b < 0
    x21 = np.where(low, x21 + 0.5, x21)
    a, g = np.where(low, 0.5 - a, a), np.where(low, g + 0.5, g)
    # that one again, and signs of two columns, O -> O R_y(pi): b comes back, the boost is turned
    low = cos_t < 0
    x21 = np.where(low, x21 + 0.5, x21)
    a, g = np.where(low, -a, a), np.where(low, -g, g)
    azimuth = np.where(low, 0.5 - azimuth, azimuth)
    w = np.empty_like(u)
    w[:, OBSERVED], w[:, HEAVY] = u[:, OBSERVED], u[:, HEAVY]
    w[:, 5], w[:, 6] = delta, x21
    w[:, 7], w[:, 8] = 0.5 * a31 + a, 0.5 * a31 - a
    w[:, 9], w[:, 10] = g + azimuth, g - azimuth
    w[:, 11], w[:, 14] = u[:, 11], u[:, 17]
    w[:, 12], w[:, 13] = np.abs(cos_b), np.abs(cos_t)
    w[:, 15:18], w[:, 18:20] = 4 * u[:, 8:11], 2 * u[:, 18:20]
    w[:, PERIODIC] %= 1.0
    return w


def unfold(w: np.ndarray, rng: np.random.Generator | None = None) -> np.ndarray:
    """The chart's coordinates u (N, 23) of folded ones w (N, 23).

    Args:
        w: Folded coordinates.
        rng: Draws one of the copies for each point; None: always the same copy.
    """
    n = len(w)
    flip = np.zeros((n, 2), int) if rng is None else rng.integers(0, 2, (n, 2))
    quarter = np.zeros((n, 3), int) if rng is None else rng.integers(0, 4, (n, 3))
    half = np.zeros((n, 2), int) if rng is None else rng.integers(0, 2, (n, 2))
    right, turn = flip.T.astype(bool)
    x21 = (w[:, 6] - 0.25) % 1.0
    total, a = w[:, 7] + w[:, 8], 0.5 * (w[:, 7] - w[:, 8])
    g, azimuth = 0.5 * (w[:, 9] + w[:, 10]), 0.5 * (w[:, 9] - w[:, 10])
    cos_b, cos_t = w[:, 12], w[:, 13]
    # total counts half turns of U's third column; a whole one is a sign that belongs to R's rows
    a = np.where(total >= 1, a + 0.5, a)
    a31 = total % 1.0
    # signs of two columns: O -> O R_z(pi), and O -> O R_y(pi)
    g, azimuth = np.where(turn, g + 0.5, g), np.where(turn, azimuth + 0.5, azimuth)
    a, g = np.where(right, a + 0.5, a), np.where(right, 0.5 - g, g)
    azimuth = np.where(right, 0.5 - azimuth, azimuth)
    cos_b, cos_t = np.where(right, -cos_b, cos_b), np.where(right, -cos_t, cos_t)
    # alpha21 over 4 pi in [1/2, 1): the sign goes to R
    second = x21 >= 0.5
    a, g = np.where(second, 0.5 - a, a), np.where(second, g + 0.5, g)
    cos_b = np.where(second, -cos_b, cos_b)
    u = np.empty_like(w)
    u[:, OBSERVED], u[:, HEAVY] = w[:, OBSERVED], w[:, HEAVY]
    u[:, 5], u[:, 6], u[:, 7] = w[:, 5], 2 * x21 % 1.0, a31
    u[:, 8:11] = 0.25 * (w[:, 15:18] + quarter)
    u[:, 11], u[:, 17] = w[:, 11], w[:, 14]
    u[:, 12], u[:, 14], u[:, 16] = a % 1.0, g % 1.0, azimuth % 1.0
    u[:, 13], u[:, 15] = 0.5 * (1 + cos_b), 0.5 * (1 + cos_t)
    u[:, 18:20] = 0.5 * (w[:, 18:20] + half)
    return np.clip(u, 0.0, np.nextafter(1.0, 0.0))


def conjugate(w: np.ndarray) -> np.ndarray:
    """Folded coordinates of the CP-conjugate point: Y and the heavy masses complex conjugated."""
    new = w.copy()
    new[:, PERIODIC] = (-w[:, PERIODIC]) % 1.0
    return new


class FoldedChart:
    """The Casas-Ibarra chart without its copies, as a `core.chart.ConditionedChart`.

    The five observables are the condition, ten coordinates are learned, and eight are drawn by
    their exact conditional distribution: the phases (`gauge_phases`) and the heavy masses, which
    the chart itself makes uniform.

    Args:
        chart: The chart whose copies are folded.
    """

    name = "casas-ibarra, folded"
    conditions: tuple[str, ...] = OSCILLATION
    learned = LEARNED
    periodic = PERIODIC
    dim = DIM

    def __init__(self, chart: CasasIbarraChart) -> None:
        self.chart = chart

    def within(self, ranges: Mapping[str, tuple[float, float]]) -> "FoldedChart":
        """The same chart with the windows of the observables cut at these ranges."""
        chart = copy(self.chart)
        chart.windows = tuple(
            replace(window, low=ranges[name][0], high=ranges[name][1])
            for window, name in zip(chart.windows, self.conditions, strict=True)
        )
        return FoldedChart(chart)

    def to_parameters(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Points (N, 23) to parameters (N, 23), always the same copy, and log volume (N,)."""
        return self.chart.to_parameters(unfold(u))

    def from_parameters(self, theta: np.ndarray) -> np.ndarray:
        """Points (N, 23) of parameters (N, 23)."""
        return fold(self.chart.from_parameters(theta))

    def condition(self, u: np.ndarray) -> np.ndarray:
        """The observables (N, 5) that points (N, 23) have."""
        columns = [w.value(u[:, i])[0] for i, w in enumerate(self.chart.windows)]
        return np.stack(columns, axis=1)

    def complete(self, u: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draw coordinates 15-22 of points (N, 23) in place; their log-density (N,)."""
        from .gauge_phases import LATTICE, draw_phases, lattice

        u[:, HEAVY] = rng.random((len(u), 3))
        random = rng.random((len(u), 6))
        observables, log_density = self.condition(u), np.empty(len(u))
        chart, points = unfold(u), lattice(LATTICE)
        phases = np.empty((len(u), 5))

        def block(start: int, stop: int) -> None:
            draw_phases(
                chart[start:stop],
                observables[start:stop],
                *self.chart.kernel_settings,
                points,
                random[start:stop],
                phases[start:stop],
                log_density[start:stop],
            )

        map_chunks(block, len(u), 1024)
        u[:, PHASES] = phases
        return log_density

    def mirror(self, u: np.ndarray) -> np.ndarray:
        """CP-conjugates (N, 23) of points (N, 23): as probable, unless a phase is measured."""
        return conjugate(u)

    def any_copy(self, u: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Parameters (N, 23) of points (N, 23), each in one of its 1,024 equal copies."""
        return self.chart.to_parameters(unfold(u, rng))[0]
