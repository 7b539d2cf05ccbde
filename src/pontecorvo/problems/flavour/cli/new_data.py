"""``pontecorvo reweight`` and ``pontecorvo update``: new data on a finished run's draws."""

from typing import Any

import click

from ....base.closing import next_step, quoted
from ....core.registry import in_group


def _ordering(run: Any) -> Any:
    """Ordering of the run's study, where its settings have one."""
    target = run.summary.get("target", {}).get("model", {})
    found = run.settings.get("ordering", target.get("ordering", "no"))
    return "no" if found is False else str(found)


@in_group("infer")
@click.command()
@click.argument("run")
@click.option("--measurement", help="Name, combination, or file that takes the old one's place.")
@click.option("--prior", help="A prior that the run's study knows, by name.")
@click.option("--add", is_flag=True, help="The measurement comes on top of the run's own.")
@click.option("--variant", help="Of a named measurement.")
@click.option("--likelihood", default="gaussian", help="gaussian, two-piece, box or table.")
@click.option("--out", help="Folder for the weighted draws and their summary.")
@click.option("--overwrite", is_flag=True, help="Replace an earlier reweighting in --out.")
def reweight(
    run: str,
    measurement: str | None,
    prior: str | None,
    add: bool,
    variant: str | None,
    likelihood: str,
    out: str | None,
    overwrite: bool,
) -> None:
    """Weigh a finished RUN by new data or a prior.

    Says the effective sample size, and refuses where it is too small to say anything.
    """
    from ....base.errors import InputError, suggest
    from ....study.finished_run import open_run
    from ....study.reweight import (
        known_priors,
        refuse_unusable,
        reweight_run,
        verdict,
        write_reweighted,
    )
    from ..measurements.resolve import resolve_measurement

    opened = open_run(run)
    new = None
    if measurement is not None:
        new = resolve_measurement(measurement, _ordering(opened), variant, shape=likelihood)
    ratio = None
    if prior is not None:
        priors = known_priors(opened)
        if prior not in priors:
            raise InputError(f"--prior {prior!r}; {suggest(prior, list(priors))}")
        ratio = priors[prior]
    result = reweight_run(opened, new, ratio, prior or "", add)
    refuse_unusable(result)
    click.echo(f"{opened.name}: {verdict(result)}")
    click.echo(f"log-evidence {result.log_evidence:.3f} +- {result.log_evidence_error:.3f}")
    if out is not None:
        write_reweighted(result, out, overwrite)
        click.echo(f"results in {out}")
        next_step("posterior.nc there holds the draws with their new weights, as a run's does")
    else:
        next_step("--out FOLDER keeps the weighted draws")


@in_group("infer")
@click.command()
@click.argument("run")
@click.option("--measurement", default="nufit-6.1", help="This year's: name or file.")
@click.option("--variant", help="Of a named measurement.")
@click.option("--likelihood", default="gaussian", help="gaussian, two-piece, box or table.")
@click.option("--out", required=True, help="Folder for the page and its numbers.")
@click.option("--overwrite", is_flag=True, help="Replace another update in --out.")
def update(
    run: str,
    measurement: str,
    variant: str | None,
    likelihood: str,
    out: str,
    overwrite: bool,
) -> None:
    """What new data move in a finished RUN, on a page.

    Last year's posterior against this year's data: by how many of its sigma each quantity moved.
    """
    from ....study.finished_run import open_run
    from ....study.reweight import refuse_unusable, reweight_run
    from ....study.update import write_update
    from ..measurements.resolve import resolve_measurement

    opened = open_run(run)
    new = resolve_measurement(measurement, _ordering(opened), variant, shape=likelihood)
    result = reweight_run(opened, new)
    refuse_unusable(result)
    for sentence in write_update(result, new, out, overwrite):
        click.echo(sentence)
    next_step(f"open {quoted(f'{out}/report.html')}")
