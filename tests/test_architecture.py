"""The direction of imports: a folder imports only from those above it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "pontecorvo"
ORDER = (
    "base",
    "physics",
    "core",
    "samplers",
    "flows",
    "sbi",
    "frequentist",
    "diagnostics",
    "report",
    "study",
    "problems",
    "cli",
)


def imported_folders(path):
    """Folders of the package that a file imports from, at any depth of its code."""
    package = path.relative_to(SOURCE).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            target = (*base, *(node.module or "").split("."))
            names = [target[0]] if target and target[0] else [a.name for a in node.names]
            yield from names
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module]
            for name in names:
                if name and name.startswith("pontecorvo."):
                    yield name.split(".")[1]


@pytest.mark.parametrize("folder", ORDER)
def test_imports_point_upwards(folder):
    allowed = ORDER[: ORDER.index(folder) + 1]
    for path in (SOURCE / folder).rglob("*.py"):
        for name in imported_folders(path):
            if name in ORDER:
                assert name in allowed, f"{path.relative_to(SOURCE)} imports {name}"


def test_every_folder_has_its_place():
    folders = {path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists()}
    assert folders == set(ORDER)


def test_the_command_line_starts_without_the_heavy_libraries():
    code = (
        "import sys, pontecorvo.cli; "
        "print([m for m in ('torch','numba','scipy','matplotlib','xarray','pydantic') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
