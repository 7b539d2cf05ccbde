"""Where to look: chi2 of many data sets over a plane in single precision, then exactly at a few.

Trials want the smallest chi2 of all hypotheses. Single precision is twice as fast as double, and
what it loses does not matter where it only says which few hypotheses to compute exactly. Everything
is relative to no oscillation, at which it is zero: so hypotheses that hardly differ from it, which
are many, differ by numbers that keep their digits.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .smallest_kernel import k_smallest, subtract_square

if TYPE_CHECKING:
    from .features import FeatureProblem

CANDIDATES = 6
"""Hypotheses at which a data set's chi2 is computed exactly, besides the tested one."""
TILE = 250
"""Data sets whose chi2 over the plane is worked out at a time: they stay in the cache."""


class Screen:
    """Independent problems on one plane, to be fitted together.

    Args:
        parts: The problems, in the order of their data.
    """

    def __init__(self, parts: Sequence["FeatureProblem"]) -> None:
        null = parts[0].null
        self._parts = tuple(parts)
        self._psi = np.vstack([p.coefficients - p.coefficients[:, [null]] for p in parts])
        # a row that is the same for all hypotheses, such as that of |z|^2, says nothing
        self._used = np.flatnonzero(np.abs(self._psi).max(axis=1) > 0)
        self._psi = np.ascontiguousarray(self._psi[self._used], dtype=np.float32)
        self._squares: list[tuple[int, np.ndarray, np.ndarray]] = []
        for index, part in enumerate(parts):
            if part.squares is not None:
                for omega in part.squares:
                    at_null = omega[:, null]
                    beyond = np.ascontiguousarray(omega - at_null[:, None], dtype=np.float32)
                    self._squares.append((index, beyond, at_null))

    def tiles(self, pieces: Sequence[np.ndarray]) -> Iterator[tuple[slice, np.ndarray]]:
        """Rows and chi2(h) - chi2(no oscillation) (rows, H) of the parts' features (T, F_i).

        The array is used again for the next rows.
        """
        count = len(pieces[0])
        few = np.hstack(pieces)[:, self._used].astype(np.float32)
        squares = []
        for index, beyond, at_null in self._squares:
            first = pieces[index][:, : len(at_null)]
            twice = (2 * (first @ at_null)).astype(np.float32)
            squares.append((np.ascontiguousarray(first, dtype=np.float32), beyond, twice))
        shape = min(TILE, count), self._psi.shape[1]
        total, product = np.empty((2, *shape), dtype=np.float32)
        for start in range(0, count, TILE):
            rows = slice(start, min(start + TILE, count))
            size = rows.stop - rows.start
            np.matmul(few[rows], self._psi, out=total[:size])
            for first, beyond, twice in squares:
                # (phi.omega)^2 less its value at no oscillation, phi.(omega - omega_0) = p:
                # p (p + 2 phi.omega_0)
                np.matmul(first[rows], beyond, out=product[:size])
                subtract_square(total[:size], product[:size], twice[rows])
            yield rows, total[:size]

    def lowest(self, pieces: Sequence[np.ndarray], count: int = CANDIDATES) -> np.ndarray:
        """Indices (T, count) of the hypotheses with the smallest chi2, ascending."""
        chosen = np.empty((len(pieces[0]), count), dtype=np.int64)
        for rows, chi2 in self.tiles(pieces):
            k_smallest(chi2, chosen[rows])
        return np.sort(chosen, axis=1)
