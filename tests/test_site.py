"""The documentation site: lists and tables follow the code, tutorials and snippets run.

The site itself is built by ``make docs``; here what it is made of is held, without Sphinx where
that goes. Slow: tutorials are executed, the how-tos' shell lines are run, and the site is built
with warnings as errors and searched for anything that another machine would serve.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import xarray as xr

from test_docs import blocks, cut

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
NOTEBOOKS = [*sorted((DOCS / "tutorials").glob("*.md")), DOCS / "reference" / "files.md"]
NOTEBOOKS = [page for page in NOTEBOOKS if "kernelspec" in page.read_text("utf-8")]
HOW_TOS = [*sorted((DOCS / "how-to").glob("*.md")), DOCS / "tutorials" / "start.md"]
CELL = "{code-cell} python"
EFFORT = 300  # seconds of one tutorial's processor time that are too many


@pytest.fixture
def extension(monkeypatch):
    """Import one of the site's own Sphinx extensions."""
    monkeypatch.syspath_prepend(str(DOCS / "_ext"))

    def load(name):
        pytest.importorskip("sphinx", reason="the docs extra is not installed")
        return __import__(name)

    return load


def name_of(page):
    return str(page.relative_to(DOCS))


def test_there_are_tutorials_and_how_tos():
    assert len(NOTEBOOKS) >= 7
    assert len(HOW_TOS) >= 13


@pytest.mark.parametrize("folder", ["tutorials", "how-to", "reference", "reference/api"])
def test_every_page_of_a_folder_is_listed(folder):
    listed = set((DOCS / folder / "index.md").read_text("utf-8").split())
    if folder == "tutorials":
        listed.add("start")  # listed by the first page
    pages = {page.stem for page in (DOCS / folder).glob("*.md")} - {"index"}
    pages.discard("pontecorvo")  # of reference/api: listed by reference/index
    assert pages <= listed


@pytest.mark.parametrize("page", NOTEBOOKS, ids=name_of)
def test_tutorials_are_python(page):
    found = list(blocks(page, CELL))
    assert found
    for line, code in found:
        compile("\n" * (line - 1) + code, str(page), "exec")


@pytest.mark.parametrize("page", HOW_TOS, ids=name_of)
def test_how_tos_show_something_to_run(page):
    assert page.stem == "index" or any(blocks(page, "sh", "python", "yaml"))


def keys_in_table(text, heading):
    """What the first column of the first table after a heading names."""
    part = text[text.index(heading) :]
    rows = re.findall(r"^\| (`.*?`.*?) \|", part, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def test_the_page_of_files_names_every_key_of_a_run(finished_runs):
    text = (DOCS / "reference" / "files.md").read_text("utf-8")
    keys, stats = keys_in_table(text, "## summary.json"), keys_in_table(text, "| in `sample_stats`")
    for folder in finished_runs.values():
        assert set(json.loads((folder / "summary.json").read_text("utf-8"))) <= keys
        with xr.open_dataset(folder / "posterior.nc", group="sample_stats") as found:
            assert {str(name) for name in found.data_vars} <= stats


def test_links_to_the_roots_pages_are_turned(extension):
    moved = extension("page_sources").moved
    assert moved("[a](../CONTRIBUTING.md#rules)", 0) == "[a](project/contributing.md#rules)"
    assert moved("[a](../../README.md)", 1) == "[a](../index.md)"
    assert moved("[a](../examples/toy_model.py)", 0) == "[a](../examples/toy_model.py)"


def test_a_page_that_nobody_listed_is_listed(extension, tmp_path):
    (tmp_path / "explanations").mkdir()
    (tmp_path / "index.md").write_text("house\n")
    (tmp_path / "explanations" / "index.md").write_text("/known\nREST\n")
    for name in ("index", "house", "known", "new-page"):
        (tmp_path / f"{name}.md").touch()
    assert extension("page_sources").unlisted(tmp_path) == ["new-page"]


def test_bars_in_docstrings_are_bars(extension):
    plain_bars = extension("docstrings").plain_bars
    assert plain_bars("E |x - y|, ``|a|`` and `|b|`") == r"E \|x - y\|, ``|a|`` and `|b|`"


def test_settings_tables_say_what_the_schemas_say(extension):
    tables = extension("settings_tables")
    assert tables.kind_of({"type": "integer", "minimum": 1}) == "whole number ≥ 1"
    assert tables.kind_of({"anyOf": [{"type": "string"}, {"type": "null"}]}) == "string or none"
    for kind, (problem, names) in tables.problems().items():
        schema = problem.Settings.model_json_schema()
        rows = list(tables.rows_of(schema["properties"], schema.get("required", [])))
        assert [row[0] for row in rows] == list(schema["properties"]), kind
        assert names


def test_katex_is_the_version_of_its_extension():
    katex = pytest.importorskip("sphinxcontrib.katex", reason="the docs extra is not installed")
    style = (DOCS / "_static" / "katex" / "katex.min.css").read_text("utf-8")
    assert f'content:"{katex.katex_version}"' in style
    wanted = set(re.findall(r"url\((fonts/[^)]*\.woff2)\)", style))
    assert wanted
    assert all((DOCS / "_static" / "katex" / font).is_file() for font in wanted)


@pytest.mark.slow
@pytest.mark.parametrize("page", NOTEBOOKS, ids=name_of)
def test_tutorials_run(page, tmp_path):
    program = "\n\n".join(code for _, code in blocks(page, CELL))
    measured = f"\nimport time\nassert time.process_time() < {EFFORT}, time.process_time()\n"
    (tmp_path / "tutorial.py").write_text(program + measured, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "tutorial.py"],
        cwd=tmp_path,
        env={**os.environ, "MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    """A folder with the examples in it; the pages share their runs there."""
    folder = tmp_path_factory.mktemp("how-to")
    shutil.copytree(ROOT / "examples", folder / "examples")
    for path in (ROOT / "examples").glob("*.py"):
        shutil.copy(path, folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("page", HOW_TOS, ids=name_of)
def test_shell_lines_of_the_how_tos_run(page, workplace, monkeypatch, command):
    monkeypatch.chdir(workplace)
    for _, text in blocks(page, "yaml"):
        if named := re.match(r"# (\S+\.yaml)\n", text):
            (workplace / named[1]).write_text(text, encoding="utf-8")
    for line, text in blocks(page, "sh"):
        for row in text.replace("\\\n", " ").splitlines():
            words = cut(shlex.split(row, comments=True))
            if words[:1] == ["pontecorvo"]:
                answer = command(*words[1:])
                assert answer.code == 0, f"line {line}: {row}\n{answer.err}"


def fetched(page):
    """What a browser would fetch of a page from elsewhere: scripts, styles, images, frames."""
    text = page.read_text("utf-8")
    tags = re.findall(r"<(?:script|img|iframe|source|video|audio|embed|object)\b[^>]*>", text)
    tags += [
        t
        for t in re.findall(r"<link\b[^>]*>", text)
        if re.search(r'rel="[^"]*(style|icon|font|pre)', t)
    ]
    return [tag for tag in tags if re.search(r'(?:src|href|data)="(?:https?:)?//', tag)]


@pytest.mark.slow
def test_the_site_builds_without_a_warning_and_fetches_nothing(tmp_path):
    pytest.importorskip("sphinx", reason="the docs extra is not installed")
    pytest.importorskip("myst_nb", reason="the docs extra is not installed")
    site = tmp_path / "html"
    strict = ["-q", "-W", "--keep-going", "-b", "html", "-d", tmp_path / "doctrees"]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *strict, DOCS, site],
        env={**os.environ, "DOCS_TUTORIALS": "off"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 60
    assert [tag for page in pages for tag in fetched(page)] == []
    for style in site.rglob("*.css"):
        found = re.findall(
            r"(?:url\(|@import\s+)[\"']?(?:https?:)?//[^)\"']*", style.read_text("utf-8")
        )
        assert found == [], style
    settings = (site / "reference" / "settings.html").read_text("utf-8")
    for schema in (DOCS / "schema").glob("*-study.json"):
        assert f'settings-of-{schema.stem.removesuffix("-study")}"' in settings
