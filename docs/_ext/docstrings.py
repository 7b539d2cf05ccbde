"""Docstrings as Sphinx wants them: a bar is a bar, and no base class is named that says nothing."""

import re
from typing import Any

from sphinx.application import Sphinx

LITERAL = re.compile(r"(``.*?``|`.*?`)")


def plain_bars(line: str) -> str:
    """A line whose bars, as in |x - y|, are no substitutions; those in literals stay."""
    parts = LITERAL.split(line)
    parts[::2] = [part.replace("|", r"\|") for part in parts[::2]]
    return "".join(parts)


def _on_docstring(
    app: Sphinx, what: str, name: str, found: Any, options: Any, lines: list[str]
) -> None:
    lines[:] = [plain_bars(line) for line in lines]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the hook."""
    app.connect("autodoc-process-docstring", _on_docstring)
    return {"parallel_read_safe": True}
