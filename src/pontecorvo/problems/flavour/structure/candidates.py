r"""Candidate symmetries and textures, each as a distance that is zero where it is exact.

All are invariant under phases of the charged leptons and signs of the heavy neutrinos. Sources:
mu-tau reflection P. F. Harrison and W. G. Scott, Phys. Lett. B 547 (2002) 219; TM1 and TM2 C. H.
Albright and W. Rodejohann, Eur. Phys. J. C 62 (2009) 599, arXiv:0812.0436; two texture zeros P. H.
Frampton, S. L. Glashow and D. Marfatia, Phys. Lett. B 536 (2002) 79; generalised CP, F. Feruglio,
C. Hagedorn and R. Ziegler, JHEP 07 (2013) 027, arXiv:1211.5560.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ....physics.pmns import pmns_parameters
from .structure_draws import StructureDraws

__all__ = ["Candidate", "candidates"]

FLAVOURS = ("e", "mu", "tau")
_TEX = {"e": "e", "mu": r"\mu", "tau": r"\tau"}


@dataclass(frozen=True)
class Candidate:
    """A symmetry or texture, as a distance (N,) from it.

    Attributes:
        name: Short name.
        sentence: What holds where the distance vanishes, as the end of a sentence.
        distance: From draws to distances (N,) >= 0.
        latex: Symbol of the distance.
    """

    name: str
    sentence: str
    distance: Callable[[StructureDraws], np.ndarray]
    latex: str = ""


def _reflection(d: StructureDraws) -> np.ndarray:
    u = np.abs(d.mixing[0])
    return np.asarray(np.abs(u[:, 1] - u[:, 2]).max(axis=1))


def _maximal_cp(d: StructureDraws) -> np.ndarray:
    return np.abs(np.cos(pmns_parameters(d.mixing[0]).delta))


def _maximal_mixing(d: StructureDraws) -> np.ndarray:
    return np.abs(pmns_parameters(d.mixing[0]).s23sq - 0.5)


def _column(column: int, squares: tuple[float, float, float]) -> Callable:  # type: ignore[type-arg]
    def distance(d: StructureDraws) -> np.ndarray:
        return np.asarray(
            np.abs(np.abs(d.mixing[0][:, :, column]) ** 2 - np.array(squares)).max(axis=1)
        )

    return distance


def _light_zero(a: int, b: int) -> Callable:  # type: ignore[type-arg]
    def distance(d: StructureDraws) -> np.ndarray:
        m = np.abs(d.light_matrix)
        return np.asarray(m[:, a, b] / np.sqrt(np.sum(m**2, axis=(1, 2))))

    return distance


def _yukawa_zero(a: int, i: int) -> Callable:  # type: ignore[type-arg]
    def distance(d: StructureDraws) -> np.ndarray:
        y = np.abs(d.canonical[0])
        return np.asarray(y[:, a, i] / np.sqrt(np.sum(y**2, axis=(1, 2))))

    return distance


def _low_rank(d: StructureDraws) -> np.ndarray:
    values = np.linalg.svd(d.canonical[0], compute_uv=False)
    return np.asarray(values[:, -1] / values[:, 0])


def _alignment(d: StructureDraws) -> np.ndarray:
    """1 - best mean overlap of the left singular vectors of Y with columns of U."""
    from itertools import permutations

    left = np.linalg.svd(d.canonical[0])[0]
    overlap = np.abs(np.swapaxes(left, 1, 2) @ d.mixing[0]) ** 2
    means = [
        np.mean([overlap[:, k, p[k]] for k in range(3)], axis=0) for p in permutations(range(3))
    ]
    return np.asarray(1 - np.max(means, axis=0))


def _real(d: StructureDraws) -> np.ndarray:
    """Size of the imaginary parts of Y over its norm, after the best phases of rows.

    A heavy neutrino with real mass may be turned by i, not by other phases. For one row the best
    phase is that of sum_i y_i^2; a column turned by i changes signs of terms: all choices are
    tried.
    """
    from itertools import product

    y = d.canonical[0]
    size = np.sum(np.abs(y) ** 2, axis=2)
    best = np.full(len(y), np.inf)
    for turns in product((1, -1), repeat=y.shape[2] - 1):
        signs = np.array((1, *turns))
        imaginary = 0.5 * (size - np.abs(np.sum(signs * y**2, axis=2)))
        best = np.minimum(best, imaginary.sum(axis=1))
    return np.sqrt(np.maximum(best, 0) / size.sum(axis=1))


def _equal_masses(i: int) -> Callable:  # type: ignore[type-arg]
    def distance(d: StructureDraws) -> np.ndarray:
        m = d.canonical[1]
        return np.asarray(np.log(m[:, i + 1] / m[:, i]))

    return distance


def candidates(heavy: int = 3) -> tuple[Candidate, ...]:
    """All candidates for a model with so many heavy neutrinos."""
    result = [
        Candidate(
            "mu-tau reflection",
            "the moduli of U are the same for mu and tau",
            _reflection,
            r"\max_i\,||U_{\mu i}|-|U_{\tau i}||",
        ),
        Candidate("maximal delta", "delta is +-90 degrees", _maximal_cp, r"|\cos\delta|"),
        Candidate(
            "maximal theta23",
            "theta23 is 45 degrees",
            _maximal_mixing,
            r"|\sin^2\theta_{23}-\frac{1}{2}|",
        ),
        Candidate(
            "TM1",
            "the first column of U is tri-bimaximal",
            _column(0, (2 / 3, 1 / 6, 1 / 6)),
            "TM1",
        ),
        Candidate(
            "TM2", "the second column of U is trimaximal", _column(1, (1 / 3, 1 / 3, 1 / 3)), "TM2"
        ),
        Candidate("low rank", "Y has rank two", _low_rank, r"\sigma_3/\sigma_1"),
        Candidate(
            "alignment",
            "the left singular vectors of Y are the columns of U",
            _alignment,
            r"1-\mathrm{overlap}",
        ),
        Candidate(
            "generalised CP",
            "Y is real after rephasing",
            _real,
            r"||\mathrm{Im}\,Y||/||Y||",
        ),
    ]
    for a in range(3):
        for b in range(a, 3):
            pair = f"{FLAVOURS[a]} {FLAVOURS[b]}"
            tex = _TEX[FLAVOURS[a]] + _TEX[FLAVOURS[b]]
            result.append(
                Candidate(
                    f"zero of m_nu[{pair.replace(' ', ',')}]",
                    f"the element {pair} of the light mass matrix vanishes",
                    _light_zero(a, b),
                    rf"|m_{{{tex}}}|/||m||",
                )
            )
    for a in range(3):
        for i in range(heavy):
            result.append(
                Candidate(
                    f"zero of Y[{FLAVOURS[a]},{i + 1}]",
                    f"the Yukawa of {FLAVOURS[a]} and N{i + 1} vanishes",
                    _yukawa_zero(a, i),
                    rf"|Y_{{{_TEX[FLAVOURS[a]]} {i + 1}}}|/||Y||",
                )
            )
    for i in range(heavy - 1):
        result.append(
            Candidate(
                f"M{i + 1} = M{i + 2}",
                f"N{i + 1} and N{i + 2} have the same mass",
                _equal_masses(i),
                rf"\ln M_{i + 2}/M_{i + 1}",
            )
        )
    return tuple(result)
