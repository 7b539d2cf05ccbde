"""The table of `pontecorvo experiments`."""

import numpy as np

from ..base.errors import InputError
from ..base.progress import progress
from ..models.sterile.joint import JointLikelihood
from ..models.sterile.registry import FACTORIES, GROUPS, Setting, load_experiments

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
    names = [*FACTORIES, *GROUPS]
    with progress("experiments", len(names)) as advance:
        for name in names:
            rows.append(_row(name, setting, fit))
            advance(1, name)
    return rows


def _row(name: str, setting: Setting, fit: bool) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(COLUMNS, "")
    row["name"] = name
    try:
        members = load_experiments(name, setting)
    except InputError as error:
        row["notes"] = f"not available: {error}"
        return row
    joint = JointLikelihood(members)
    if name in GROUPS:
        row["what"] = "together: " + ", ".join(GROUPS[name])
    else:
        row["what"], row["source"] = members[0].title, members[0].source
        row["licence"] = members[0].licence
        row["notes"] = "; ".join(members[0].notes)
    row["bins"] = joint.size
    row["chi2_null"] = round(float(joint.chi2(np.zeros(1), np.ones(1))[0]), 3)
    if fit:
        log_s22, log_dm2, chi2 = best_fit(joint)
        row["chi2_best"], row["log10_s22"] = round(chi2, 3), round(log_s22, 3)
        row["log10_dm2"] = round(log_dm2, 3)
    return row


def print_table(rows: list[dict[str, object]]) -> None:
    """Print rows as a table as wide as the terminal."""
    from rich.console import Console
    from rich.table import Table

    table = Table(show_lines=True)
    for column in COLUMNS:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(str(row[column]) for column in COLUMNS))
    Console().print(table)
