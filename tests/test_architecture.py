"""The house: imports point downwards, without circles, and only `problems/` knows a problem."""

import ast
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "pontecorvo"
ORDER = (
    *("base", "physics", "core", "samplers", "flows", "sbi", "frequentist", "diagnostics"),
    *("report", "study", "explore", "problems", "cli"),
)
NAMES = re.compile(
    r"seesaw|sterile|founding.?paper|froggatt|modular|scotogenic|casas|juno|daya.?bay|gallium|nufit",
    re.IGNORECASE,
)
"""Words of single problems, their experiments and their data."""


def modules():
    """Every module of the package by its dotted name."""
    found = {}
    for path in SOURCE.rglob("*.py"):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = path
    return found


@cache
def imports(path, at_start=False):
    """Modules of the package that a file imports: at any depth, or while it is being imported."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    package = parts[:-1]
    known, found = modules(), set()

    def take(target, names):
        whole = {".".join([*target, name]) for name in names}
        inside = {name for name in whole if name in known}
        found.update(inside)
        if len(inside) < len(whole) or not names:
            found.add(".".join(target))

    def visit(node):
        if at_start and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            return
        if at_start and isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            return
        if isinstance(node, ast.ImportFrom):
            names = [alias.name for alias in node.names]
            if node.level:
                base = package[: len(package) - node.level + 1]
                take([*base, *(node.module.split(".") if node.module else [])], names)
            elif (node.module or "").split(".")[0] == "pontecorvo":
                take(node.module.split(".")[1:], names)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("pontecorvo."):
                    found.add(alias.name.removeprefix("pontecorvo."))
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(path.read_text(encoding="utf-8")))
    return frozenset(name for name in found if name)


@pytest.mark.parametrize("folder", ORDER)
def test_imports_point_downwards(folder):
    allowed = ORDER[: ORDER.index(folder) + 1]
    for path in (SOURCE / folder).rglob("*.py"):
        for name in imports(path):
            above = name.split(".")[0]
            assert above in allowed or above not in ORDER, f"{path} imports {name}"


def test_every_folder_has_its_place():
    folders = {path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists()}
    assert folders == set(ORDER)


def test_nothing_outside_problems_imports_from_them():
    for path in SOURCE.rglob("*.py"):
        if path.relative_to(SOURCE).parts[0] != "problems" and path.parent != SOURCE:
            assert not [n for n in imports(path) if n.split(".")[0] == "problems"], path


def test_nothing_outside_problems_names_one():
    """In code, strings or prose; the package's own front door apart."""
    for path in SOURCE.rglob("*.py"):
        if path.relative_to(SOURCE).parts[0] == "problems" or path.parent == SOURCE:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            assert not NAMES.search(line), f"{path.relative_to(SOURCE)}:{number}: {line.strip()}"


def test_no_imports_in_a_circle():
    known = modules()
    graph = {name: imports(path, at_start=True) & set(known) for name, path in known.items()}
    done = set()

    def walk(name, above):
        assert name not in above, " -> ".join([*above[above.index(name) :], name])
        if name in done:
            return
        for other in graph[name]:
            # a package's __init__ may import its own modules, which do not ask it for names
            if other != name and not name.startswith(f"{other}."):
                walk(other, [*above, name])
        done.add(name)

    for name in graph:
        walk(name, [])


def test_file_stems_have_one_meaning():
    """No two generic files, and no problem's file and a generic one, share a stem."""
    means_the_same = {
        *("__init__", "__main__", "model", "problem", "settings", "check"),
        # a verb, and the command line's file for it
        *("run", "sample", "train", "schema", "scan", "compare", "mend", "cite", "simulate"),
    }
    generic, own = Counter(), set()
    for path in SOURCE.rglob("*.py"):
        if "problems" in path.parts:
            own.add(path.stem)
        else:
            generic[path.stem] += 1
    twice = {stem for stem, count in generic.items() if count > 1}
    assert twice <= means_the_same
    assert own & set(generic) <= means_the_same


def test_files_are_small():
    for path in SOURCE.rglob("*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path


def loaded(code):
    """Files of the package that a fresh process has loaded after some code."""
    show = (
        "import sys; print([m for m in sys.modules if m.startswith('pontecorvo.')"
        " and not sys.modules[m].__file__.endswith('__init__.py')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; {show}"], capture_output=True, text=True, check=True
    )
    return ast.literal_eval(done.stdout.strip().splitlines()[-1])


def closure_of_a_run(at_start):
    """What the modules of `run seesaw-no` import, of the folders' own files and without other
    problems: at the start, or at any depth."""
    known, found = modules(), set()
    todo = ["cli.run", "study.catalog", "problems.seesaw.problem"]
    while todo:
        name = todo.pop()
        other = name.startswith("problems.") and name.split(".")[1] not in ("seesaw", "flavour")
        if name in known and name not in found and not other:
            found.add(name)
            todo += imports(known[name], at_start)
    return {name for name in found if known[name].stem != "__init__"}


def loaded_by_a_run(out, report):
    """Files that a run by the shipped network loads, with its report or without."""
    return loaded(
        "import pontecorvo; pontecorvo.load_study('seesaw-no', draws=20, "
        f"network={{'reference': 0}}).run({str(out)!r}, report={report})"
    )


def test_few_files_are_opened_for_a_run(tmp_path):
    """To read how a seesaw is run; `benchmarks/files_opened.py` prints these numbers."""
    assert len(closure_of_a_run(at_start=True)) < 70
    files = loaded_by_a_run(tmp_path / "out", report=False)
    assert len(files) < 82, sorted(files)
    assert not [name for name in files if ".sterile" in name]


def test_the_command_line_starts_without_the_heavy_libraries():
    code = (
        "import sys, pontecorvo.cli; "
        "print([m for m in ('torch','numba','scipy','matplotlib','xarray','pydantic','numpy') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
