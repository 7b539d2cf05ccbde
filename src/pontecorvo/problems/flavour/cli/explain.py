"""`pontecorvo explain`: what structure is in the Yukawas of a run, beyond prior and measurement."""

import click

from ....base.closing import next_step, quoted
from ....base.errors import InputError
from ....core.registry import in_group


@in_group("judge")
@click.command()
@click.argument("subject")
@click.option("--out", required=True, help="Folder for explain.json, report.html and figures.")
@click.option("--draws", type=int, default=4000, show_default=True, help="Draws to look at.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of everything.")
@click.option(
    "--extras",
    is_flag=True,
    help="A formula and attributions as well; needs pip install 'pontecorvo[explain]'.",
)
@click.option("--overwrite", is_flag=True, help="Replace another explanation in --out.")
def explain(subject: str, out: str, draws: int, seed: int, extras: bool, overwrite: bool) -> None:
    """Look for structure in the Yukawas of SUBJECT, a run's folder or a study.

    Candidate symmetries and textures, invariants and charges of posterior draws are held against
    draws of the prior, and against what the measurement alone does to it. Prints a sentence for
    each finding, and says so where nothing is left.
    """
    if not str(out).strip():
        raise InputError("--out: is empty; give a folder, new or existing")
    if draws < 500:
        raise InputError(f"--draws {draws}: give at least 500; structure is a matter of statistics")
    from ..structure.explain_study import explain_study

    for line in explain_study(subject, out, draws, seed, overwrite, extras):
        click.echo(line)
    click.echo(f"results in {out}")
    next_step(f"open {quoted(f'{out}/report.html')}")
