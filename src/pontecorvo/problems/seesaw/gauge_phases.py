"""Five phases that no observable knows, drawn by their exact conditional distribution.

The phases of the rows of Y and of M_1 and M_2 move no mass and no mixing angle. They matter only
because the prior is a box in the real and imaginary parts of Y: given all the rest, their density
is the volume V that the box leaves to the heavy masses. So nothing has to be learned of them:

* V is evaluated at the K points of a lattice on their torus, shifted at random for each draw;
* one of them is chosen with probability V_k / sum V.

With N = mean V_k the draw's density is V_k / N. N is the normalisation up to an error that falls
faster than 1/K; weights that use it are unbiased for any K, because the pair (shift, k) is drawn
from V_k(shift) / (K N(shift)) and the mean of N over shifts is the normalisation (pseudo-marginal
importance sampling: C. Andrieu & G. Roberts, Ann. Stat. 37 (2009) 697).
"""

from functools import lru_cache
from math import cos, log, pi, sin

import numpy as np

from ...base.compiled import njit
from .casas_ibarra_kernel import boost_length, fill_entries, light_masses, ordered_volume

PHASES = 5
LATTICE = 256


@lru_cache(maxsize=4)
def lattice(size: int) -> np.ndarray:
    """Points (size, 5) of [0, 1)^5: the additive recurrence of the generalised golden ratio.

    (M. Roberts, "The unreasonable effectiveness of quasirandom sequences", 2018.)
    """
    ratio = 1.0
    for _ in range(100):
        ratio = (1 + ratio) ** (1 / (PHASES + 1))
    steps = ratio ** -np.arange(1.0, PHASES + 1)
    return (np.arange(size)[:, None] * steps) % 1.0


@njit(cache=True, nogil=True)
def draw_phases(
    u_in: np.ndarray,
    obs: np.ndarray,
    inverted: bool,
    low: float,
    high: float,
    y_max: float,
    vev_ev: float,
    mass_scale: float,
    boost_scale: float,
    points: np.ndarray,
    random: np.ndarray,
    phases: np.ndarray,
    log_density: np.ndarray,
) -> None:
    """Fill the folded phases (N, 5) and their log-density (N,); -inf where the box leaves nothing.

    Args:
        u_in: Points (N, 23) of the chart's cube; their own phases (8-10, 18, 19) are not read.
        obs: Observables (N, 5).
        inverted: Ordering, and so on to `boost_scale` as `casas_ibarra_kernel.chart_block` takes.
        low: See `inverted`.
        high: See `inverted`.
        y_max: See `inverted`.
        vev_ev: See `inverted`.
        mass_scale: See `inverted`.
        boost_scale: See `inverted`.
        points: Lattice (K, 5).
        random: Uniform numbers (N, 6): the shift, and the choice.
        phases: Output, in quarter turns of Y's entries.
        log_density: Output.
    """
    size = points.shape[0]
    turns = np.empty((size, PHASES), np.complex128)
    for k in range(size):
        for j in range(PHASES):
            turns[k, j] = complex(cos(0.5 * pi * points[k, j]), sin(0.5 * pi * points[k, j]))
    work = np.empty((2, 3, 3), np.complex128)
    y = np.empty((3, 3), np.complex128)
    shift = np.empty(PHASES, np.complex128)
    cap = np.empty(3)
    volume = np.empty(size)
    u = np.empty(23)
    for n in range(u_in.shape[0]):
        log_density[n] = -np.inf
        u[:] = u_in[n]
        u[8] = u[9] = u[10] = 0.0
        lightest = mass_scale * u[11] / (1.0 - u[11])
        first2, second2 = light_masses(lightest, obs[n, 0], obs[n, 1], inverted)
        u[17] = boost_length(u[17], boost_scale)
        for j in range(PHASES):
            phases[n, j] = random[n, j]
            shift[j] = complex(cos(0.5 * pi * random[n, j]), sin(0.5 * pi * random[n, j]))
        if not (first2 > 0.0 and lightest > 0.0 and u[17] > 0.0 and u[17] < 300.0):
            continue
        mixing = (obs[n, 2], obs[n, 3], obs[n, 4])
        fill_entries(u, mixing, lightest, first2, second2, inverted, work, y)
        total = 0.0
        for k in range(size):
            # U enters Y conjugated, so its rows turn the other way
            row0 = (turns[k, 0] * shift[0]).conjugate()
            row1 = (turns[k, 1] * shift[1]).conjugate()
            row2 = (turns[k, 2] * shift[2]).conjugate()
            for i in range(3):
                column = turns[k, 3 + i] * shift[3 + i] if i < 2 else complex(1.0, 0.0)
                a, b, c = y[0, i] * row0 * column, y[1, i] * row1 * column, y[2, i] * row2 * column
                largest = max(
                    max(max(abs(a.real), abs(a.imag)), max(abs(b.real), abs(b.imag))),
                    max(abs(c.real), abs(c.imag)),
                )
                scaled = y_max * vev_ev / largest
                cap[i] = min(scaled * scaled * (1.0 - 1e-14), high)
            c2 = min(cap[1], cap[2])
            c1 = min(cap[0], c2)
            volume[k] = 0.0
            if c1 > low:
                inside = ordered_volume((low / cap[2]) ** 3, (c1 / cap[2]) ** 3, (c2 / cap[2]) ** 3)
                volume[k] = inside * (cap[2] / high) ** 9
            total += volume[k]
        if not total > 0.0:
            continue
        wanted = random[n, PHASES] * total
        chosen, reached = 0, volume[0]
        while reached < wanted and chosen < size - 1:
            chosen += 1
            reached += volume[chosen]
        log_density[n] = log(volume[chosen] * size / total) if volume[chosen] > 0 else -np.inf
        for j in range(PHASES):
            phases[n, j] = (random[n, j] + points[chosen, j]) % 1.0
