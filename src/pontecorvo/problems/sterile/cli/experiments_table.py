"""The table of `pontecorvo experiments`."""

import re

import numpy as np

from ....base.errors import InputError
from ....base.progress import progress
from ..discovery import declared
from ..experiment import Experiment
from ..experiment_registry import Setting, load_experiments
from ..groups import group_names
from ..joint import JointLikelihood
from ..options import options_of

COLUMNS = (
    "name",
    "what",
    "source",
    "licence",
    "bins",
    "chi2_null",
    "chi2_best",
    "log10_s22",
    "log10_dm2",
    "notes",
)
GRID = (81, 201)
COMPILATION = "2005.01756"
SHORT = (  # heading, to the right
    ("name", False),
    ("bins", True),
    ("chi2", True),
    ("best", True),
    ("lg s22", True),
    ("lg dm2", True),
    ("source", False),
    ("licence", False),
)
NUMBERS = (("chi2_null", 2), ("chi2_best", 2), ("log10_s22", 2), ("log10_dm2", 2))
HINT = (
    "chi2: without oscillation; best: at its minimum, log10 sin^2 2theta and dm2/eV^2; source: "
    "arXiv number; facts: figures from papers. Everything about one: pontecorvo experiments NAME"
)
TOGETHER = "together: "


def best_fit(joint: JointLikelihood) -> tuple[float, float, float]:
    """Lowest chi2 on a grid of the plane, refined once about it: log10 s22, log10 dm2, chi2."""
    low, high = np.log10(joint.dm2_range)
    x, y = np.linspace(-4, 0, GRID[0]), np.linspace(low, high, GRID[1])
    best = (0.0, 0.0, np.inf)
    for _ in range(2):
        grid = np.meshgrid(x, y, indexing="ij")
        s22, dm2 = 10.0 ** grid[0].ravel(), 10.0 ** grid[1].ravel()
        chi2 = joint.chi2(s22, dm2)
        at = int(chi2.argmin())
        if chi2[at] < best[2]:
            best = float(grid[0].ravel()[at]), float(grid[1].ravel()[at]), float(chi2[at])
        x = np.clip(best[0] + np.linspace(-1, 1, 21) * (x[1] - x[0]), -4, 0)
        y = np.clip(best[1] + np.linspace(-1, 1, 21) * (y[1] - y[0]), low, high)
    return best


def describe_all(setting: Setting, fit: bool) -> list[dict[str, object]]:
    """One row for each experiment and group of experiments."""
    rows: list[dict[str, object]] = []
    names = [*declared(), *group_names()]
    with progress("experiments", len(names)) as advance:
        for name in names:
            row = _row(name, setting, fit)
            if row["bins"] or name in declared():  # a set of which nothing is at hand is not shown
                rows.append(row)
            advance(1, name)
    return rows


def _row(name: str, setting: Setting, fit: bool) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(COLUMNS, "")
    row["name"] = name
    try:
        loaded = load_experiments(name, setting)
    except InputError as error:
        row["notes"] = f"not available: {error}"
        return row
    joint = JointLikelihood(loaded)
    if name not in declared():
        row["what"] = TOGETHER + ", ".join(one.name for one in loaded)
    else:
        row["what"], row["source"] = loaded[0].title, loaded[0].source
        row["licence"] = loaded[0].licence
        row["notes"] = "; ".join(loaded[0].notes)
    row["bins"] = joint.size
    row["chi2_null"] = round(float(joint.chi2(np.zeros(1), np.ones(1))[0]), 3)
    if fit:
        log_s22, log_dm2, chi2 = best_fit(joint)
        row["chi2_best"], row["log10_s22"] = round(chi2, 3), round(log_s22, 3)
        row["log10_dm2"] = round(log_dm2, 3)
    return row


def short_source(source: str) -> str:
    """The first preprint that a source names besides the compilation, or its journal reference."""
    found = re.findall(r"\d{4}\.\d{4,5}|(?:hep|nucl)-(?:ex|ph)/\d{7}", source)
    own = [number for number in found if number != COMPILATION]
    journal = re.search(r"[A-Z]{2,} \d+ \(\d{4}\) \d+", source)
    if own or not journal:
        return str([*own, *found, ""][0])
    return journal[0].replace(" (", "(")


def print_table(rows: list[dict[str, object]]) -> None:
    """Print the short table, 80 columns wide, and what does not fit in it below."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    table = Table(box=None, padding=(0, 1, 0, 0), collapse_padding=True)
    for head, right in SHORT:
        table.add_column(head, justify="right" if right else "left", no_wrap=True)
    below = []
    for row in rows:
        name, source = str(row["name"]), short_source(str(row["source"]))
        if not row["bins"]:
            below.append(str(row["notes"]))
            table.add_row(name, *[""] * (len(SHORT) - 2), "missing")
            continue
        is_set = name not in declared()
        if is_set:
            below.append(f"{name} is {str(row['what']).removeprefix(TOGETHER)} together")
        licence = str(row["licence"])
        table.add_row(
            name,
            str(row["bins"]),
            *(_number(row[column], digits) for column, digits in NUMBERS),
            "" if is_set else source,
            licence if licence.startswith("CC") else "facts" if licence else "",
        )
    console.print(table)
    console.print()
    for line in [*below, HINT]:
        text, colon, command = line.partition(": pip install")
        console.print(text + colon[:1], markup=False)  # an extra in brackets is no style
        if colon:  # what is to be copied has no line end in it
            console.print(f"  pip install{command}", markup=False, soft_wrap=True)


def _number(value: object, digits: int) -> str:
    return f"{value:.{digits}f}" if isinstance(value, float) else str(value)


def print_one(name: str, setting: Setting, fit: bool) -> None:
    """Print everything about one experiment or group.

    Raises:
        InputError: If the name is unknown or what it needs is missing.
    """
    import click

    loaded = load_experiments(name, setting)
    for member in loaded:
        lines = {
            "name": member.name,
            "what": member.title,
            "source": member.source,
            "licence": member.licence,
            "bins": f"{member.size}, {member.statistic} statistics",
            "pulls": ", ".join(member.nuisances or _free_scales(member)) or "none by name",
            "dm2_41": "{:g} to {:g} eV^2".format(*member.dm2_range),
            "notes": "; ".join(member.notes) or "none",
        }
        for option, value in options_of(member.name).items():
            chosen = setting.choice(option, member.name)
            allowed = "a width in MeV" if value.number else " | ".join(value.values)
            lines[option] = f"{chosen} ({allowed}): {value.what}"
        _print_lines(lines)
    joint = JointLikelihood(loaded)
    null = float(joint.chi2(np.zeros(1), np.ones(1))[0])
    lines = {"chi2": f"{null:.3f} without oscillation"}
    if fit:
        log_s22, log_dm2, chi2 = best_fit(joint)
        lines["best fit"] = (
            f"chi2 {chi2:.3f} at sin^2 2theta = {10**log_s22:.4g}, dm2 = {10**log_dm2:.4g} eV^2 "
            f"(log10: {log_s22:.3f}, {log_dm2:.3f})"
        )
    if len(loaded) > 1:
        click.echo(f"{name}: together, {joint.size} bins")
    _print_lines(lines)


def _free_scales(member: Experiment) -> tuple[str, ...]:
    names = getattr(member, "scale_names", ())
    return tuple(f"{name} (free within its box)" for name in names)


def _print_lines(lines: dict[str, str]) -> None:
    import shutil
    import textwrap

    import click

    width = shutil.get_terminal_size().columns
    for key, text in lines.items():
        head = f"{key:<21} "
        click.echo(
            textwrap.fill(text, width, initial_indent=head, subsequent_indent=" " * len(head))
        )
    click.echo()
