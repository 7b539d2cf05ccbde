"""Tests mirror the tree: every source file is named by a test of its own folder."""

import re
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent
SOURCE = TESTS.parent / "src" / "pontecorvo"


@cache
def texts_of(folder):
    return [path.read_text(encoding="utf-8") for path in (TESTS / folder).rglob("test_*.py")]


def is_named(path):
    """Whether its mirrored test exists, or a test of its folder imports the module by name."""
    if (TESTS / path.parent / f"test_{path.stem}.py").exists():
        return True
    package = ".".join(("pontecorvo", *path.parent.parts))
    name = re.escape(path.stem)
    pattern = re.compile(
        rf"(from|import) {re.escape(package)}\.{name}\b"
        rf"|from {re.escape(package)} import \(?[^()\n]*\b{name}\b"
    )
    # problems/NAME is a folder of its own; elsewhere the first floor is
    folder = "/".join(path.parts[: 2 if path.parts[0] == "problems" else 1])
    return any(pattern.search(text) for text in texts_of(folder))


def files():
    return sorted(
        path.relative_to(SOURCE)
        for path in SOURCE.rglob("*.py")
        if path.stem not in ("__init__", "__main__")
    )


def test_every_source_file_is_named_by_a_test():
    unnamed = sorted(path.as_posix() for path in files() if not is_named(path))
    assert not unnamed, "write a test of it at the mirrored path"
