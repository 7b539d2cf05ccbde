"""Public names of the folders: what a type checker sees is what is there."""

import importlib
import inspect
import re
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


def stub_names(folder):
    """Names of a folder's stub with their modules; each is named once, and re-exported."""
    text = (ROOT / folder[1:] / "__init__.pyi").read_text()
    found = re.findall(r"^from \.([\w.]+) import (\w+) as \2$", text, re.MULTILINE)
    assert len(found) == text.count(" import ") == len({name for _, name in found})
    return {name: module for module, name in found}


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_public_name_is_there_for_python_and_for_type_checkers(folder):
    package = importlib.import_module(f"pontecorvo{folder}")
    seen = stub_names(folder)
    assert sorted(seen) == package.__all__ == dir(package)
    modules = {path.stem for path in (ROOT / folder[1:]).glob("*.py")}
    assert not modules & set(seen)  # such a name would be the module once it is imported
    for name, module in seen.items():
        found = getattr(package, name)
        assert found.__module__ == f"pontecorvo{folder}.{module}", name
        assert inspect.getdoc(found), name


def test_names_of_a_stub(tmp_path):
    (tmp_path / "__init__.pyi").write_text("from .errors import InputError as InputError\n")
    find, listed, names = lazy_names("pontecorvo.base", str(tmp_path / "__init__.py"))
    assert listed() == names == ["InputError"]
    assert find("InputError") is pontecorvo.InputError


def test_an_unknown_name_is_told():
    import pontecorvo.frequentist as package

    with pytest.raises(AttributeError, match=r"pontecorvo\.frequentist.*'Belts'"):
        _ = package.Belts


def test_nothing_heavy_is_imported_before_it_is_asked_for():
    code = (
        f"import sys, {', '.join(f'pontecorvo{folder}' for folder in FOLDERS)}; "
        "print([m for m in ('torch', 'numba', 'numpy', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
