"""What the package says of itself is said once, and its archives hold what they should."""

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pontecorvo

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_version_is_written_once():
    assert "version" not in PROJECT["project"]
    assert PROJECT["project"]["dynamic"] == ["version"]
    assert PROJECT["tool"]["hatch"]["version"]["path"] == "src/pontecorvo/__init__.py"
    cited = re.search(r"^version: (\S+)$", (ROOT / "CITATION.cff").read_text("utf-8"), re.MULTILINE)
    assert cited is not None
    assert cited[1] == pontecorvo.__version__
    assert version("pontecorvo") == pontecorvo.__version__


def test_the_sdist_names_files_that_are_there_and_no_tests():
    include = PROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    assert all((ROOT / path.lstrip("/")).exists() for path in include)
    assert not [path for path in include if "tests" in path or "benchmarks" in path]


def test_no_module_that_a_later_python_has_removed_is_imported():
    """Those that 3.12 and 3.13 have taken out of the standard library (PEP 594, PEP 632)."""
    removed = (
        *("asynchat", "asyncore", "imp", "distutils", "smtpd", "aifc", "audioop", "cgi", "cgitb"),
        *("chunk", "crypt", "imghdr", "mailcap", "msilib", "nis", "nntplib", "ossaudiodev"),
        *("pipes", "sndhdr", "spwd", "sunau", "telnetlib", "uu", "xdrlib", "lib2to3"),
    )
    pattern = re.compile(rf"^\s*(?:import|from) ({'|'.join(removed)})\b", re.MULTILINE)
    for path in (ROOT / "src").rglob("*.py"):
        assert not pattern.search(path.read_text(encoding="utf-8")), path
