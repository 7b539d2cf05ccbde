"""Masses alone, of many 3x3 matrices: a tenth of the time of a decomposition with vectors.

Cardano's formula for the eigenvalues of M^+ M (O. K. Smith, Commun. ACM 4 (1961) 168), with the two
smaller ones from trace and determinant, so that a light mass keeps its digits: seven or more,
where masses differ by less than a factor of 10^6. Enough for a likelihood; the decompositions of
`mass_matrices` are used for everything that is shown.
"""

from functools import partial

import numpy as np

from ...base.compiled import njit
from ...base.parallel import map_chunks

_CHUNK = 16_384


@njit(cache=True, nogil=True, error_model="numpy")
def _masses_block(m, start, stop, out):  # type: ignore[no-untyped-def]
    h = np.empty((3, 3), np.complex128)
    for n in range(start, stop):
        scale = 0.0
        for i in range(3):
            for j in range(3):
                scale += m[n, i, j].real ** 2 + m[n, i, j].imag ** 2
        if not (0.0 < scale < np.inf):
            out[n, :] = np.nan
            continue
        for i in range(3):
            for j in range(i, 3):
                z = 0.0j
                for k in range(3):
                    z += m[n, k, i].conjugate() * m[n, k, j]
                h[i, j] = z / scale
        third = 1.0 / 3.0  # the trace of h is one
        k0, k1, k2 = h[0, 0].real - third, h[1, 1].real - third, h[2, 2].real - third
        o01 = h[0, 1].real ** 2 + h[0, 1].imag ** 2
        o02 = h[0, 2].real ** 2 + h[0, 2].imag ** 2
        o12 = h[1, 2].real ** 2 + h[1, 2].imag ** 2
        p = np.sqrt((k0 * k0 + k1 * k1 + k2 * k2 + 2.0 * (o01 + o02 + o12)) / 6.0)
        r = k0 * k1 * k2 - k0 * o12 - k1 * o02 - k2 * o01
        r += 2.0 * (h[0, 1] * h[1, 2] * h[0, 2].conjugate()).real
        r = min(1.0, max(-1.0, r / (2.0 * p**3))) if p > 0.0 else 1.0
        angle = np.arccos(r) / 3.0
        high = third + 2.0 * p * np.cos(angle)
        det = m[n, 0, 0] * (m[n, 1, 1] * m[n, 2, 2] - m[n, 1, 2] * m[n, 2, 1])
        det -= m[n, 0, 1] * (m[n, 1, 0] * m[n, 2, 2] - m[n, 1, 2] * m[n, 2, 0])
        det += m[n, 0, 2] * (m[n, 1, 0] * m[n, 2, 1] - m[n, 1, 1] * m[n, 2, 0])
        product = (det.real**2 + det.imag**2) / scale**3
        # the others from sum and product: no small difference of large numbers
        rest = 1.0 - high
        if rest < 1e-2:
            d0, d1, d2 = h[0, 0].real, h[1, 1].real, h[2, 2].real
            minors = d0 * d1 - o01 + d0 * d2 - o02 + d1 * d2 - o12
            for _ in range(4):  # minors = high rest + low middle
                high = 1.0 - rest
                rest = (minors - product / high) / high
        middle = 0.5 * (rest + np.sqrt(max(rest * rest - 4.0 * product / high, 0.0)))
        low = product / (high * middle) if middle > 0.0 else 0.0
        out[n, 0] = np.sqrt(max(low, 0.0) * scale)
        out[n, 1] = np.sqrt(max(middle, 0.0) * scale)
        out[n, 2] = np.sqrt(max(high, 0.0) * scale)


def quick_masses(m: np.ndarray) -> np.ndarray:
    """Singular values (N, 3), ascending, of matrices (N, 3, 3); NaN where these are not finite."""
    m = np.ascontiguousarray(m, np.complex128)
    out = np.empty((len(m), 3))
    map_chunks(partial(_block, m, out), len(m), _CHUNK)
    return out


def _block(m: np.ndarray, out: np.ndarray, start: int, stop: int) -> None:
    _masses_block(m, start, stop, out)
