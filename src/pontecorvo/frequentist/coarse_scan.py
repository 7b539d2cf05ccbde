"""Where to look: chi2 of many data sets over a plane in single precision, then exactly at a few.

Trials want the smallest chi2 of all hypotheses. Single precision is twice as fast as double, and
what it loses does not matter where it only says which few hypotheses to compute exactly. Everything
is relative to the null hypothesis, at which it is zero: so hypotheses that hardly differ from it,
which are many, differ by numbers that keep their digits.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .smallest_kernel import k_smallest, subtract_square

if TYPE_CHECKING:
    from .chi2_features import FeatureProblem

CANDIDATES = 6
"""Hypotheses at which a data set's chi2 is computed exactly, besides the tested one."""
PILOT = 50
"""Data sets that say which hypotheses others of their kind can prefer."""
REACHABLE = 100.0
"""Chi2 above the smallest that a hypothesis has in each of the pilot's, or it is left out.

At a distance D in chi2 the difference from the truth is normal, mean D and deviation 2 sqrt(D): the
least of fifty is about D - 4.5 sqrt(D), above 100 from D = 150, where one in 10^9 is below zero."""
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

    def tiles(
        self, pieces: Sequence[np.ndarray], only: np.ndarray | None = None
    ) -> Iterator[tuple[slice, np.ndarray]]:
        """Rows and chi2(h) - chi2(null) (rows, H) of the parts' features (T, F_i).

        Of `only` some hypotheses (H,), if they are given. The array is used again for the next
        rows.
        """
        count = len(pieces[0])
        few = np.hstack(pieces)[:, self._used].astype(np.float32)
        psi = self._psi if only is None else self._psi[:, only]
        squares = []
        for index, every, at_null in self._squares:
            beyond = every if only is None else every[:, only]
            first = pieces[index][:, : len(at_null)]
            twice = (2 * (first @ at_null)).astype(np.float32)
            squares.append((np.ascontiguousarray(first, dtype=np.float32), beyond, twice))
        shape = min(TILE, count), psi.shape[1]
        total, product = np.empty((2, *shape), dtype=np.float32)
        for start in range(0, count, TILE):
            rows = slice(start, min(start + TILE, count))
            size = rows.stop - rows.start
            np.matmul(few[rows], psi, out=total[:size])
            for first, beyond, twice in squares:
                # (phi.omega)^2 less its value at the null hypothesis, phi.(omega - omega_0) = p:
                # p (p + 2 phi.omega_0)
                np.matmul(first[rows], beyond, out=product[:size])
                subtract_square(total[:size], product[:size], twice[rows])
            yield rows, total[:size]

    def lowest(
        self, pieces: Sequence[np.ndarray], count: int = CANDIDATES, alike: bool = False
    ) -> np.ndarray:
        """Indices (T, count) of the hypotheses with the smallest chi2, ascending.

        Data sets that are `alike`, drawn under one hypothesis, do not look where none of them can
        be.
        """
        only = self._reachable(pieces, count) if alike else None
        chosen = np.empty((len(pieces[0]), count), dtype=np.int64)
        for rows, chi2 in self.tiles(pieces, only):
            k_smallest(chi2, chosen[rows])
        return np.sort(chosen if only is None else only[chosen], axis=1)

    def _reachable(self, pieces: Sequence[np.ndarray], count: int) -> np.ndarray | None:
        """Hypotheses that some of the data sets may prefer; None: all, or too few data to say."""
        step = len(pieces[0]) // PILOT
        if step < 4:
            return None
        least = np.full(self._psi.shape[1], np.inf, dtype=np.float32)
        for _, chi2 in self.tiles([piece[::step] for piece in pieces]):
            np.minimum(least, (chi2 - chi2.min(axis=1, keepdims=True)).min(axis=0), out=least)
        # never fewer than are asked for
        limit = max(REACHABLE, float(np.partition(least, count - 1)[count - 1]))
        found = np.flatnonzero(least <= limit)
        return None if len(found) > 0.9 * len(least) else found
