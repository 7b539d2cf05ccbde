"""The table of kinds (docs/robustness.md) names tests that are there, and every case."""

import ast
import re
from pathlib import Path

from shared_data import SHARED, needs_shared

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs" / "robustness.md").read_text(encoding="utf-8")


def test_every_test_that_the_table_names_is_there():
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TABLE)
    assert len(named) > 40
    known = {}
    for path, name in named:
        if path not in known:
            tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
            known[path] = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
        assert name in known[path], (path, name)


@needs_shared
def test_every_case_is_in_the_table():
    for folder in (SHARED.parent / "cases").iterdir():
        if folder.is_dir():
            assert f"`{folder.name}`" in TABLE, folder.name
