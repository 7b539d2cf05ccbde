r"""Froggatt-Nielsen charges: a regression of log abs(Y) on the sum of two charges.

.. math:: |Y_{\alpha i}| = c_{\alpha i}\, \epsilon^{q_\alpha + q'_i}, \qquad c = O(1)

(C. D. Froggatt and H. B. Nielsen, Nucl. Phys. B 147 (1979) 277). The mean of ln abs(Y) over draws,
less that of the prior, is fitted by a row and a column term; charges are integers, the smallest of
each kind zero (a common charge is a common scale of Y and M). Doubling charges and taking the root
of epsilon is the same pattern: the largest epsilon below one half whose integers fit is reported.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from .structure_draws import StructureDraws

__all__ = ["Charges", "fit_charges"]

LARGEST = 6
EPSILONS = np.geomspace(0.5, 0.05, 93)
_STEP = 0.12  # how far from a whole number a charge may be, or within its errors


@dataclass(frozen=True)
class Charges:
    """The fitted pattern.

    Attributes:
        rows: Charges of e, mu, tau.
        columns: Charges of the heavy neutrinos, lightest first.
        epsilon: Expansion parameter.
        r_squared: Share of the variance of the mean log moduli that the integers explain.
        span: Ratio of the largest to the smallest typical modulus of the additive pattern.
        p_value: Of no pattern at all.
        mean: Mean ln abs(Y) less the prior's (3, n).
    """

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    epsilon: float
    r_squared: float
    span: float
    p_value: float
    mean: np.ndarray

    @property
    def text(self) -> str:
        """Charges in words."""
        rows, columns = (", ".join(map(str, q)) for q in (self.rows, self.columns))
        return f"({rows} | {columns}) with epsilon = {self.epsilon:.2f}"


def _log_moduli(draws: StructureDraws) -> np.ndarray:
    y = np.abs(draws.canonical[0])
    return np.log(np.maximum(y, 1e-12 * y.max(axis=(1, 2), keepdims=True))).reshape(len(y), -1)


def _mean(draws: StructureDraws) -> tuple[np.ndarray, np.ndarray]:
    """Weighted mean of the log moduli (9,) and the covariance of that mean."""
    values = _log_moduli(draws)
    centre = draws.w @ values
    spread = (values - centre) * draws.w[:, None]
    return centre, spread.T @ spread


def fit_charges(posterior: StructureDraws, reference: StructureDraws) -> Charges:
    """Charges of the posterior's Yukawas beyond those of the reference (the prior)."""
    centre, error = _mean(posterior)
    base, base_error = _mean(reference)
    n = posterior.canonical[1].shape[1]
    matrix = (centre - base).reshape(3, n)
    covariance = error + base_error
    additive = matrix.mean(axis=1, keepdims=True) + matrix.mean(axis=0) - matrix.mean()
    # contrasts: the 3 + n - 2 differences of rows and columns, jointly against zero
    rows = np.kron(np.array([[1, -1, 0], [0, 1, -1]]), np.full(n, 1 / n))
    columns = np.kron(np.full(3, 1 / 3), np.eye(n)[:-1] - np.eye(n)[1:]).reshape(n - 1, 3 * n)
    contrast = np.concatenate([rows, columns]) if n > 1 else rows
    value = contrast @ matrix.ravel()
    inverse = np.linalg.pinv(contrast @ covariance @ contrast.T)
    p_value = float(chi2.sf(value @ inverse @ value, len(contrast)))
    r = matrix.mean(axis=1).max() - matrix.mean(axis=1)
    c = matrix.mean(axis=0).max() - matrix.mean(axis=0)
    epsilon, row_charges, column_charges = _integers(r, c)
    pattern = np.log(epsilon) * (row_charges[:, None] + column_charges)
    pattern = pattern - pattern.mean()
    total = np.sum((matrix - matrix.mean()) ** 2)
    left = np.sum((matrix - matrix.mean() - pattern) ** 2)
    return Charges(
        tuple(int(q) for q in row_charges),
        tuple(int(q) for q in column_charges),
        float(epsilon),
        float(1 - left / total) if total > 0 else 0.0,
        float(np.exp(np.ptp(additive))),
        p_value,
        matrix,
    )


def _integers(r: np.ndarray, c: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Epsilon and integer charges nearest to row and column terms r, c >= 0 (in -ln abs(Y)).

    Of all epsilons the one with the smallest charges is taken whose fit is not much worse than the
    best: every fine enough lattice of integers fits.
    """
    together = np.concatenate([r, c])
    trials = []
    for start in EPSILONS:
        q = np.minimum(np.rint(together / -np.log(start)), LARGEST)
        if not q.any():
            continue
        # the best epsilon of these charges, by least squares
        slope = float(q @ together / (q @ q))
        if not np.log(2.0) * 0.9 <= slope <= -np.log(0.04):
            continue
        off = np.abs(together / slope - q).max()
        trials.append((off, q.sum(), slope, q))
    if not trials:
        return 0.5, np.zeros(len(r), int), np.zeros(len(c), int)
    close = [t for t in trials if t[0] <= max(_STEP, 1.0 * min(x[0] for x in trials))]
    _, _, slope, q = min(close, key=lambda t: (t[1], t[0]))
    return float(np.exp(-slope)), q[: len(r)].astype(int), q[len(r) :].astype(int)
