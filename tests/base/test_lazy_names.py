"""Public names of the folders: what a type checker sees is what is there."""

import ast
import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import pontecorvo
from pontecorvo.base.lazy_names import lazy_names

FOLDERS = (
    *("", ".flows", ".samplers", ".sbi", ".frequentist", ".diagnostics", ".study", ".problems"),
)
ROOT = Path(pontecorvo.__file__).parent


def checker_names(folder):
    """Names under ``if TYPE_CHECKING`` with their modules."""
    tree = ast.parse((ROOT / folder[1:] / "__init__.py").read_text())
    (branch,) = [node for node in tree.body if isinstance(node, ast.If)]
    imports = [node for node in branch.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: node.module for node in imports for alias in node.names}


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_public_name_is_there_for_python_and_for_type_checkers(folder):
    package = importlib.import_module(f"pontecorvo{folder}")
    seen = checker_names(folder)
    assert sorted(seen) == sorted(set(package.__all__) - {"__version__"}) == dir(package)
    modules = {path.stem for path in (ROOT / folder[1:]).glob("*.py")}
    assert not modules & set(seen)  # such a name would be the module once it is imported
    for name, module in seen.items():
        found = getattr(package, name)
        assert found.__module__ == f"pontecorvo{folder}.{module}", name
        assert inspect.getdoc(found), name


def test_an_unknown_name_is_told():
    import pontecorvo.frequentist as package

    with pytest.raises(AttributeError, match=r"pontecorvo\.frequentist.*'Belts'"):
        _ = package.Belts
    find, listed = lazy_names("pontecorvo.base", {"errors": ("InputError",)})
    assert listed() == ["InputError"]
    assert find("InputError") is pontecorvo.InputError


def test_nothing_heavy_is_imported_before_it_is_asked_for():
    code = (
        f"import sys, {', '.join(f'pontecorvo{folder}' for folder in FOLDERS)}; "
        "print([m for m in ('torch', 'numba', 'numpy', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
