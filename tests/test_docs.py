"""The documentation is true: code runs, commands exist, settings load, links resolve.

Python blocks of one page share their names and run in order; a block marked ``python no-run`` is
left out. Presets are made cheaper beforehand, so that the pages may show the real thing. The files
of `examples/` lie where blocks run; a YAML block that begins with ``# NAME.yaml`` is that file.
"""

import re
import shlex
import shutil
from contextlib import suppress
from pathlib import Path

import click
import pytest
import yaml

ROOT = Path(__file__).parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```\s*$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
SPAN = re.compile(r"`(pontecorvo [^`\n]+)`")


def name_of(path):
    return str(path.relative_to(ROOT))


def blocks(path, *languages):
    """First line number and text of the blocks in one of the languages."""
    text = path.read_text(encoding="utf-8")
    for match in FENCE.finditer(text):
        if match[1].strip() in languages:
            yield text[: match.start()].count("\n") + 2, match[2]


def anchors(path):
    """Anchors of the headings, as GitHub makes them."""
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    for heading in re.findall(r"^#+\s+(.*)$", text, re.MULTILINE):
        plain = re.sub(r"[^\w\- ]", "", heading.strip().lower())
        yield plain.replace(" ", "-")


def lay_examples(folder):
    for path in (ROOT / "examples").glob("*.py"):
        shutil.copy(path, folder)


def test_there_are_pages():
    assert {"README.md", "CONTRIBUTING.md", "docs/your-own-model.md"} <= set(map(name_of, PAGES))


@pytest.mark.parametrize("page", [p for p in PAGES if any(blocks(p, "python"))], ids=name_of)
def test_python_blocks_run(page, tmp_path, monkeypatch, capsys):
    from pontecorvo.core.settings import SamplerSettings

    for name, value in (("proposals", 1 << 16), ("max_steps", 100)):  # little effort
        monkeypatch.setattr(SamplerSettings.model_fields[name], "default", value)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    lay_examples(tmp_path)
    names = {"__name__": "__docs__"}
    for line, code in blocks(page, "python"):
        # empty lines in front, so that a traceback shows the line of the page
        exec(compile("\n" * (line - 1) + code, str(page), "exec"), names)


def commands():
    """Every ``pontecorvo ...`` line of shell blocks, and every such span of text."""
    for page in PAGES:
        for line, text in blocks(page, "sh", "bash", "console", "shell"):
            for offset, row in enumerate(text.replace("\\\n", "  ").splitlines()):
                words = shlex.split(row.strip().removeprefix("$ "), comments=True)
                if words[:1] == ["pontecorvo"]:
                    yield pytest.param(words[1:], True, id=f"{name_of(page)}:{line + offset}")
        text = FENCE.sub("", page.read_text(encoding="utf-8"))
        for span in SPAN.findall(text):
            yield pytest.param(span.split()[1:], False, id=f"{name_of(page)}: {span}")


def cut(words):
    """The words of one command: up to a pipe, a redirection or the next command."""
    for index, word in enumerate(words):
        if word in ("|", ">", ">>", "&&", "||", "&", ";", "<", "2>"):
            return words[:index]
    return words


@pytest.mark.parametrize(("words", "whole"), list(commands()))
def test_commands_exist(words, whole):
    from pontecorvo.cli import cli
    from pontecorvo.cli.study_command import StudyCommand

    words = cut(words)
    root = click.Context(cli)
    if words[0].startswith("-"):
        assert any(words[0] in option.opts for option in cli.get_params(root)), words[0]
        return
    name = words[0]
    command = cli.get_command(root, name)
    assert command is not None, f"there is no command {name}"
    if whole:  # as it stands it must parse, all that is required included
        with suppress(click.exceptions.Exit):  # --help
            command.make_context(name, list(words[1:]), parent=root, resilient_parsing=False)
        return
    if isinstance(command, StudyCommand):  # a study's own options come with the study
        command.params = command.params_of(words[1:])
    known = {opt for p in command.get_params(root) for opt in (*p.opts, *p.secondary_opts)}
    for word in words[1:]:
        option = word.strip("[]").split("=")[0]
        assert not option.startswith("--") or option in known, option


@pytest.mark.parametrize("page", [p for p in PAGES if any(blocks(p, "yaml"))], ids=name_of)
def test_settings_load(page, tmp_path):
    """YAML blocks that are studies or measurements are what the schemas allow."""
    from pontecorvo import load_study
    from pontecorvo.base.batch_system import read_batch_system
    from pontecorvo.base.yaml_files import read_yaml
    from pontecorvo.core.measurement_file import read_measurement
    from pontecorvo.core.model_file import load_model_file
    from pontecorvo.problems.seesaw.model import OBSERVABLES

    lay_examples(tmp_path)
    for line, text in blocks(page, "yaml"):
        keys = set(yaml.safe_load(text))
        named = re.match(r"# (\S+\.yaml)\n", text)
        path = tmp_path / (named[1] if named else f"block-{line}.yaml")
        path.write_text(text)
        if "quantities" in keys:
            example = load_model_file(ROOT / "examples" / "chart_model.py").problem.model
            known = [*OBSERVABLES.values(), *example.observables]
            found = read_measurement(path, "", known)
            assert len(found.quantities) == len(read_yaml(path)["quantities"])
        elif "cluster" in keys:
            read_batch_system(path)
        elif keys & {"study", "ordering", "prior", "likelihood"}:
            load_study(str(path))


def links():
    for page in PAGES:
        text = FENCE.sub("", page.read_text(encoding="utf-8"))
        text = re.sub(r"`[^`\n]*`|\$[^$\n]*\$", "", text)  # no code, no formulas
        for target in sorted(set(LINK.findall(text))):
            if not re.match(r"[a-z]+:", target):
                yield pytest.param(page, target, id=f"{name_of(page)} -> {target}")


@pytest.mark.parametrize(("page", "target"), list(links()))
def test_relative_links_resolve(page, target):
    place, _, anchor = target.partition("#")
    path = (page.parent / place).resolve() if place else page
    assert path.exists(), f"{name_of(page)} links to {target}"
    if anchor and path.suffix == ".md":
        assert anchor in set(anchors(path)), f"{name_of(path)} has no heading #{anchor}"
