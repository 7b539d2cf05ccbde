"""``pontecorvo export``: a run for getdist, anesthetic, ArviZ, as CSV, LaTeX, SLHA or a card."""

from pathlib import Path
from typing import Any

import click

from ....core.registry import in_group


@in_group("export")
@click.command()
@click.argument("run")
@click.option(
    "--format",
    "form",
    required=True,
    type=click.Choice(["getdist", "arviz", "csv", "latex", "slha", "ulysses"]),
    help="slha and ulysses write one draw of a seesaw, the others all draws.",
)
@click.option("--out", required=True, help="File, or root of a getdist chain.")
@click.option("--seed", type=int, default=0, help="Of the resampling for arviz.")
@click.option("--draw", type=int, help="slha, ulysses: which draw; by default the likeliest.")
@click.option("--overwrite", is_flag=True, help="Replace what is there.")
def export(run: str, form: str, out: str, seed: int, draw: int | None, overwrite: bool) -> None:
    """Write a finished RUN for another program.

    RUN is a folder. Weights survive; see docs/measurements.md for what each format holds.
    """
    from ....base.errors import InputError
    from ....study.export_chains import write_arviz, write_csv, write_getdist
    from ....study.export_latex import write_latex
    from ....study.finished_run import open_run

    if not out.strip():
        raise InputError("--out: is empty; give a file")
    if seed < 0:
        raise InputError(f"seed: {seed} is not allowed (a whole number >= 0)")
    opened = open_run(run)
    if form == "getdist":
        paths = write_getdist(opened, out, overwrite)
    elif form == "arviz":
        paths = write_arviz(opened, out, seed, overwrite)
    elif form == "csv":
        paths = write_csv(opened, out, overwrite)
    elif form == "latex":
        paths = write_latex(opened, out, overwrite)
    else:
        paths = _write_point(opened, form, Path(out), draw, overwrite)
    for path in paths:
        click.echo(str(path))


def _write_point(run: Any, form: str, out: Path, draw: int | None, overwrite: bool) -> list[Path]:
    """One draw as an SLHA file or a ULYSSES card."""
    from ....study.export_chains import refuse_existing
    from ..files.run_point import point_of_draw
    from ..files.slha_point import write_slha_point
    from ..files.ulysses import write_ulysses_point

    refuse_existing([out], overwrite)
    point = point_of_draw(run, draw)
    if form == "slha":
        write_slha_point(out, point, "pontecorvo: " + "; ".join(point.notes))
    else:
        write_ulysses_point(out, point)
    return [out]
