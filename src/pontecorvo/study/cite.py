"""What to cite for a run: its data, its model, the method that drew it, and the software.

Data and model are declared by the problem (`Problem.citations`); method and software follow from
what the run's summary says was used.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from .. import __version__
from ..base.errors import InputError
from ..core.citations import Citation, citations_of, read_bibliography, unique
from ..core.problem import Problem
from ..core.registry import loaded_entries

BIBLIOGRAPHIES = "pontecorvo.bibliographies"
"""Entry points of BibTeX files (paths) in which sources are looked up."""

_METHODS: dict[str, tuple[str, ...]] = {
    "network": ("Lipman2022flow", "Cranmer2020sbi"),
    "annealed": ("Neal2001annealed",),
    "lift": (),
    "rounds": ("Song2020score", "Cranmer2020sbi"),
    "smc": ("DelMoral2006smc",),
    "nautilus": ("Lange2023nautilus",),
    "emcee": ("ForemanMackey2013emcee",),
}
_ALWAYS = ("Harris2020numpy", "Virtanen2020scipy", "Lam2015numba", "Hoyer2017xarray")
_FIGURES = "Hunter2007matplotlib"
_TORCH = ("network", "lift", "rounds", "mended", "founding")
ROLES = {
    "data": "Data",
    "model": "Model",
    "method": "Method",
    "software": "Software",
}
"""Headings, in order."""


@cache
def bibliography() -> Mapping[str, str]:
    """All entries that are known, by key."""
    with as_file(files("pontecorvo.study") / "software.bib") as path:
        known = read_bibliography(path)
    for path in loaded_entries(BIBLIOGRAPHIES):
        known |= read_bibliography(Path(path))
    return known


def citations_for(
    sources: Sequence[str], models: Sequence[str], summary: Mapping[str, Any], figures: bool = True
) -> list[Citation]:
    """Everything that a run used.

    Args:
        sources: Sources of its data.
        models: Papers of its model.
        summary: Content of summary.json, as far as it is known.
        figures: Whether a report was drawn.
    """
    known = bibliography()
    method = str(summary.get("method", ""))
    words = method.replace(",", " ").split()
    methods = [key for word in words for key in _METHODS.get(word, ())]
    if "k_hat" in summary.get("method_notes", {}):
        methods.append("Vehtari2024psis")
    if summary.get("networks"):
        methods.append("Talts2018sbc")
    software = [*_ALWAYS, *([_FIGURES] if figures else [])]
    if summary.get("networks") or any(word.startswith(_TORCH) for word in words):
        software.append("Paszke2019pytorch")
    return unique(
        [
            *citations_of(sources, "data", known),
            *citations_of(models, "model", known),
            *citations_of(methods, "method", known),
            *citations_of([_own_entry(), *software], "software", known),
        ]
    )


def citations_of_problem(
    problem: Problem, summary: Mapping[str, Any], figures: bool = True
) -> list[Citation]:
    """The same for a problem's sources and papers."""
    return citations_for(problem.citations(), problem.papers, summary, figures)


def cite(subject: str) -> list[Citation]:
    """What to cite for a run's folder, or for a study that has not been run.

    Raises:
        InputError: If it is neither.
    """
    folder = Path(subject)
    if folder.is_dir():
        path = folder / "summary.json"
        if not path.is_file():
            raise InputError(f"{subject}: holds no summary.json, so it is no finished run")
        try:
            summary = json.loads(path.read_text(encoding="utf-8"))
            kept = summary.get("citations", [])
            found = [Citation(str(c["key"]), str(c["bibtex"]), str(c["role"])) for c in kept]
        except (ValueError, AttributeError, LookupError, TypeError):
            raise InputError(f"{path}: is not the summary of a run") from None
        if found:
            return found
        return _of_an_older_run(folder, summary)
    from .catalog import load_problem
    from .methods import method_of

    problem = load_problem(subject)
    method = method_of(problem)
    return citations_of_problem(problem, {"method": method, "networks": method == "network"})


def as_bibtex(citations: Sequence[Citation]) -> str:
    """A BibTeX file, with a comment above each kind."""
    parts = []
    for role, title in ROLES.items():
        entries = [one.entry for one in citations if one.role == role]
        if entries:
            parts.append(f"% {title}\n\n" + "\n\n".join(entries))
    return "\n\n".join(parts) + "\n"


def as_plain(citations: Sequence[Citation]) -> list[dict[str, str]]:
    """For summary.json."""
    return [{"key": c.key, "role": c.role, "text": c.short, "bibtex": c.entry} for c in citations]


def _of_an_older_run(folder: Path, summary: Mapping[str, Any]) -> list[Citation]:
    """A run from before summaries held citations: its settings are asked once more."""
    from .catalog import load_problem

    settings = folder / "settings.yaml"
    if settings.is_file():
        try:
            return citations_of_problem(load_problem(str(settings)), summary)
        except InputError:  # its model's file is gone, say: what the summary tells
            pass
    source = summary.get("target", {}).get("measurement", {}).get("source", "")
    return citations_for([source], (), summary)


def _own_entry() -> str:
    lines = (
        "@software{pontecorvo,",
        "  author = {{The pontecorvo founders}},",
        "  title = {pontecorvo: posteriors that can be trusted for neutrino models},",
        f"  version = {{{__version__}}},",
        "  year = {2026},",
        "}",
    )
    return "\n".join(lines)
