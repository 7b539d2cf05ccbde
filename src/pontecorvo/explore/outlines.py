"""Symbols and units for the page: formulas as outlines, everything else as plain text.

The page makes nodes of these itself and never reads markup, so that no name, unit or source that
someone wrote can become part of it.
"""

import re
from typing import Any

from ..base.errors import one_line
from ..report.math_svg import outline

Pieces = list[dict[str, Any]]
_LONGEST = 200


def symbol(latex: str, name: str) -> Pieces:
    """A symbol in math text (without dollars), or the name where there is none or it fails."""
    return pieces(f"${latex}$") if latex else text(name)


def text(words: object) -> Pieces:
    """Plain text; its dollars begin no formula."""
    return [{"text": one_line(words, _LONGEST)}]


def pieces(mixed: str) -> Pieces:
    """Text in which formulas stand between dollars."""
    found: Pieces = []
    for index, part in enumerate(re.split(r"\$((?:\\.|[^$\\])+)\$", mixed[:1000])):
        if not part:
            continue
        if index % 2 == 0:
            found += text(part)
            continue
        try:
            shape = outline(part)
        except (ValueError, RuntimeError):  # matplotlib's math text refuses it
            found += text(part)
            continue
        found.append({**shape._asdict(), "text": one_line(part, _LONGEST)})
    return found
