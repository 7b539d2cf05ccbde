"""``pontecorvo export``: a run's draws for getdist, anesthetic, ArviZ, as CSV or a LaTeX table."""

import click


@click.command()
@click.argument("run")
@click.option(
    "--format",
    "form",
    required=True,
    type=click.Choice(["getdist", "arviz", "csv", "latex"]),
    help="getdist: a root, whose files get endings; the others: a file.",
)
@click.option("--out", required=True, help="File, or root of a getdist chain.")
@click.option("--seed", type=int, default=0, help="Of the resampling for arviz.")
@click.option("--overwrite", is_flag=True, help="Replace what is there.")
def export(run: str, form: str, out: str, seed: int, overwrite: bool) -> None:
    """Write the draws of the finished RUN (a folder) for another program, weights included."""
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
    else:
        paths = write_latex(opened, out, overwrite)
    for path in paths:
        click.echo(str(path))
