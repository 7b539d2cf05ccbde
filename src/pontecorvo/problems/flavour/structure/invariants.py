r"""Rephasing-invariant combinations of Y and M: a search without a list of symmetries.

Invariant under phases of the charged leptons and signs of the heavy neutrinos, whose masses are
real: moduli, products of four Yukawas around a square, squares of products of two in a row (their
phases are the Majorana kind), effective masses, ratios of heavy masses. Logarithms of moduli and
phases in units of pi are what is compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from .structure_draws import StructureDraws

__all__ = ["invariants"]

FLAVOURS = ("e", "mu", "tau")


def _log(x: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.asarray(np.log10(x))


def _named(draws: StructureDraws) -> Iterator[tuple[str, np.ndarray]]:
    y, m = draws.canonical
    n = m.shape[1]
    size = np.abs(y)
    norm = np.sqrt(np.sum(size**2, axis=(1, 2)))
    yield "log10 |Y|", _log(norm)
    for a in range(3):
        for i in range(n):
            yield f"log10 |Y[{FLAVOURS[a]},{i + 1}]|/|Y|", _log(size[:, a, i] / norm)
    for a in range(3):
        yield f"log10 |Y[{FLAVOURS[a]}]|/|Y|", _log(np.linalg.norm(size[:, a], axis=1) / norm)
    for i in range(n):
        yield f"log10 |Y[{i + 1}]|/|Y|", _log(np.linalg.norm(size[:, :, i], axis=1) / norm)
        effective = np.sum(size[:, :, i] ** 2, axis=1) * draws.vev**2 * 1e9 / m[:, i]
        yield f"log10 m_eff[{i + 1}]", _log(effective)
        yield f"log10 M{i + 1}", _log(m[:, i])
    for i in range(n - 1):
        yield f"log10 M{i + 2}/M{i + 1}", _log(m[:, i + 1] / m[:, i])
    gram = np.swapaxes(y.conj(), 1, 2) @ y
    for i, j in combinations(range(n), 2):
        cosine = np.abs(gram[:, i, j]) ** 2 / (gram[:, i, i] * gram[:, j, j]).real
        yield f"overlap of columns {i + 1}, {j + 1}", cosine
        yield f"arg (Y^dag Y)[{i + 1}{j + 1}]^2", np.abs(np.angle(gram[:, i, j] ** 2)) / np.pi
    for a, b in combinations(range(3), 2):
        for i, j in combinations(range(n), 2):
            square = y[:, a, i] * y[:, b, j] * y[:, a, j].conj() * y[:, b, i].conj()
            name = f"arg square {FLAVOURS[a]}{FLAVOURS[b]}, {i + 1}{j + 1}"
            yield name, np.abs(np.angle(square)) / np.pi
            modulus = size[:, a, i] * size[:, b, j] / (size[:, a, j] * size[:, b, i])
            yield f"log10 ratio {FLAVOURS[a]}{FLAVOURS[b]}, {i + 1}{j + 1}", _log(modulus)
    if n == 3:
        det = np.abs(np.linalg.det(y)) / norm**3
        yield "log10 |det Y|/|Y|^3", _log(det)


def invariants(draws: StructureDraws) -> dict[str, np.ndarray]:
    """Values (N,) by name. Phases are folded to [0, 1] pi: CP turns their sign."""
    return dict(_named(draws))
