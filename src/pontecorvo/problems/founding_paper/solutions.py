"""Accepted solutions that ship: parameters whose eleven labels all lie in their 3 sigma ranges."""

from dataclasses import dataclass

import numpy as np

from ...base.tables import read_table, shipped

NAMES = (
    *(f"Y_re_{flavor}{heavy}" for flavor in ("e", "mu", "tau") for heavy in (1, 2, 3)),
    *(f"Y_im_{flavor}{heavy}" for flavor in ("e", "mu", "tau") for heavy in (1, 2, 3)),
    *(f"log10_M{heavy}" for heavy in (1, 2, 3)),
    *(f"phase_M{heavy}" for heavy in (1, 2)),
)
"""The 23 parameters, in the model's order."""


@dataclass(frozen=True)
class Solutions:
    """Solutions, and how each was made. They follow no posterior.

    Attributes:
        theta: Parameters (N, 23), as the model takes them.
        how: For each (N,): ``recipe``, drawn by the repaired recipe and nothing else; or
            ``steered``, by a first network with every step corrected by the seesaw map.
        ordering: ``no`` or ``io`` (N,).
        source: How the file was made.
    """

    theta: np.ndarray
    how: np.ndarray
    ordering: np.ndarray
    source: str


def accepted_solutions() -> Solutions:
    """The solutions of ``tables/solutions.csv``."""
    table = read_table(shipped(__package__, "solutions.csv"), required=NAMES)
    return Solutions(table.matrix(NAMES), table["how"], table["ordering"], table.source)
