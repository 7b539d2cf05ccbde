"""The explorer of a likelihood on a plane whose parts can be switched on and off."""

import time
from typing import Any

import numpy as np
import yaml

from ..base.errors import InputError, one_line
from ..base.files import plain
from ..base.progress import progress
from ..core.exploration import Switchboard
from ..core.problem import Problem
from .outlines import pieces, symbol
from .questions import read_levels, read_names


class PlaneExplorer:
    """A problem whose switchboard is explored.

    Args:
        problem: The problem.
        board: What can be switched.
        name: As it was named on the command line.
    """

    kind = "plane"

    def __init__(self, problem: Problem, board: Switchboard, name: str) -> None:
        self.problem, self.board, self.name = problem, board, name

    def warm(self) -> None:
        """Work every part out once."""
        with progress("parts of the plane", len(self.board.parts)) as advance:
            self.board.warm(advance)

    def describe(self) -> dict[str, Any]:
        """Everything that stays the same while the page is open."""
        board = self.board
        return {
            "kind": self.kind,
            "name": self.name,
            "title": self.problem.name,
            "about": "exact likelihoods of every part, cached on the plane",
            "parts": [
                {
                    "name": part.name,
                    "title": part.title,
                    "group": part.group,
                    "on": part.on,
                    "note": part.note,
                }
                for part in board.parts
            ],
            "methods": [{"name": n, "title": title} for n, title in board.methods.items()],
            "levels": list(board.levels),
            "axes": [
                {
                    "name": q.name,
                    "symbol": symbol(q.latex, q.name),
                    "unit": pieces(q.unit),
                    "range": list(ends),
                }
                for q, ends in zip(board.axes, board.ranges, strict=True)
            ],
            "notes": list(board.notes),
        }

    def answer(self, content: Any) -> dict[str, Any]:
        """Regions for a question in JSON: ``on``, ``methods`` and ``levels``.

        Raises:
            InputError: If it is refused.
        """
        began = time.perf_counter()
        on, methods = read_names(content, "on"), read_names(content, "methods")
        levels = read_levels(content) or tuple(self.board.levels)
        found = self.board.answer(on, methods, levels)
        return {
            "lines": [
                {"method": m, "level": level, "points": np.round(points, 4).ravel().tolist()}
                for m, level, points in found.lines
            ],
            "best": found.best,
            "numbers": [[one_line(k), one_line(v)] for k, v in found.numbers],
            "commands": list(self.board.commands(on, methods)),
            "seconds": time.perf_counter() - began,
        }

    def study_file(self, content: Any) -> str:
        """A study file with the parts that are on.

        Raises:
            InputError: If none is on.
        """
        on = read_names(content, "on")
        if not on:
            raise InputError("no part is on; switch one on")
        head = "# The view of pontecorvo explore; run it with: pontecorvo run FILE --out DIR\n"
        study = plain(dict(self.board.study(on)))
        return head + str(yaml.safe_dump(study, sort_keys=False, allow_unicode=True))
