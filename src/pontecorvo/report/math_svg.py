"""Text with formulas: no script, no fonts to fetch.

Text is escaped; what stands between dollars is set as HTML where it is simple (`math_html`), else
drawn by matplotlib's math text as a small SVG, with its source beside it for those who copy.
"""

import re
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

import matplotlib
from markupsafe import Markup, escape
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextPath, text_to_path

from .math_html import NotSimple, simple_formula
from .style import RC

_SIZE = 100.0
_LETTERS = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C"}


class Outline(NamedTuple):
    """A formula as an outline; lengths in em of the text around it."""

    path: str
    box: str
    width: float
    height: float
    below: float


@lru_cache(maxsize=2048)
def outline(tex: str) -> Outline:
    """Outline of a formula (math text without dollars): SVG path and view box, size, descent.

    What matplotlib refuses it refuses too (ValueError), as figures will.
    """
    with matplotlib.rc_context(RC):
        font = FontProperties(family="STIXGeneral", size=_SIZE)
        width, height, depth, *_ = text_to_path.mathtext_parser.parse(f"${tex}$", 72, font)
        path = TextPath((0, 0), f"${tex}$", size=_SIZE, prop=font)
    box = f"0 {-(height - depth) - 4:.0f} {width + 4:.0f} {height + 8:.0f}"
    em = 1.08 / _SIZE  # math fonts are set a little larger than the text around them
    return Outline(_outline(path), box, (width + 4) * em, (height + 8) * em, (depth + 4) * em)


def formula(tex: str) -> Markup:
    """One formula (math text without dollars) as an inline SVG, on the line of the text."""
    shape = outline(tex)
    return Markup(
        '<span class="math"><svg class="math" role="img" aria-label="{}" viewBox="{}" '
        'style="width:{:.3f}em;height:{:.3f}em;vertical-align:{:.3f}em"><path d="{}"/></svg>'
        '<span class="copied" aria-hidden="true">{}</span></span>'
    ).format(tex, shape.box, shape.width, shape.height, -shape.below, shape.path, tex)


def _outline(path: Path) -> str:
    parts = []
    for points, code in path.iter_segments(curves=True, simplify=False):
        if code == Path.CLOSEPOLY:
            parts.append("Z")
            continue
        numbers = [f"{-v if i % 2 else v:.1f}" for i, v in enumerate(points)]
        parts.append(_LETTERS[code] + " ".join(numbers))
    return "".join(parts)


def user_text(text: object) -> str:
    """Text that someone else wrote, to be shown as it is: its dollars begin no formula.

    Both `rich_text` and matplotlib's labels read it so.
    """
    return str(text).replace("$", r"\$")


def rich_text(text: object) -> Markup:
    """Escape text, and set what stands between dollars as formulas. `Markup` passes as it is.

    A dollar after a backslash is a dollar. What does not render as a formula is shown as text: a
    page is worth more than one symbol in it.
    """
    if isinstance(text, Markup):
        return text
    text = re.sub(r"(?<=\d) (?=%|[mGk]?eV\b|deg)", "\u00a0", str(text))  # number and unit together
    parts = re.split(r"(?<!\\)\$((?:\\.|[^$\\])+)\$", text)
    return Markup("").join(
        _formula_or_text(part) if index % 2 else escape(part.replace(r"\$", "$"))
        for index, part in enumerate(parts)
    )


def _formula_or_text(tex: str) -> Markup:
    with suppress(NotSimple):
        return simple_formula(tex)
    try:
        return formula(tex)
    except (ValueError, RuntimeError):  # matplotlib's math text refuses it
        return escape(f"${tex}$")


def paragraphs(text: object) -> Markup:
    """`rich_text`, with blank lines between paragraphs."""
    if isinstance(text, Markup):
        return text
    blocks = [block.strip() for block in str(text).split("\n\n") if block.strip()]
    return Markup("\n").join(Markup("<p>{}</p>").format(rich_text(block)) for block in blocks)
