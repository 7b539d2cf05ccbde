"""``pontecorvo compare``: rank models by evidence."""

from pathlib import Path

import click

from ..base.closing import next_step, quoted
from ..base.errors import InputError
from ..base.workers_option import workers_option


@click.command(name="compare")
@click.argument("studies", nargs=-1, required=True)
@click.option("--out", required=True, help="Folder for table, figure and kept evidences.")
@click.option("--overwrite", is_flag=True, help="Replace another comparison in --out.")
@click.option("--seed", type=int, default=0, help="Seed of everything.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes (default: the cores).")
@click.option("--limit", type=click.IntRange(min=1), default=200, help="Members of a family.")
@click.option("--draws", type=click.IntRange(min=100), help="Posterior draws of each study.")
@workers_option
def compare(
    studies: tuple[str, ...],
    out: str,
    overwrite: bool,
    seed: int,
    jobs: int | None,
    limit: int,
    draws: int | None,
) -> None:
    """Rank STUDIES by evidence: registered studies, YAML files, models' files, or a family.

    A family stands for many models, such as all charge assignments of a flavour symmetry; its
    members are ranked with the other studies. Killed at any moment, the same command goes on
    where it was.
    """
    from ..base.folders import user_path
    from ..core.registry import registered
    from ..study.evidence import FAMILIES, Candidate
    from ..study.ranking import compare as compare_studies
    from ..study.ranking import comparison_text

    candidates = []
    for study in studies:
        if study in registered(FAMILIES):
            family = registered(FAMILIES)[study].load()
            candidates += [Candidate(label, *member) for label, member in family(limit).items()]
        else:
            changes = {} if draws is None else {"draws": draws}
            label = study if study.count("/") == 0 else Path(study).stem
            candidates.append(Candidate(label, study, changes))
    if len(candidates) < 2:
        raise InputError("compare: one model alone; give two or more, or a family")
    rows = compare_studies(candidates, user_path(out), seed, jobs, overwrite)
    click.echo(comparison_text(rows))
    click.echo(f"{Path(out) / 'comparison.csv'}, comparison.json and comparison.png")
    next_step(f"look at {quoted(Path(out) / 'comparison.png')}")
