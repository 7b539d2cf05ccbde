"""``pontecorvo sample``: draws of a trained network, raw or weighted, for any measurement."""

import click

from ..base.closing import next_step, quoted
from ..base.errors import InputError
from .study_command import absolute


def _pairs(texts: tuple[str, ...], option: str) -> dict[str, float]:
    result: dict[str, float] = {}
    for text in texts:
        name, equals, number = text.partition("=")
        try:
            value = float(number)
        except ValueError:
            equals = ""
        if not equals or not name.strip():
            raise InputError(f"{option} {text!r}: give NAME=NUMBER, such as sin2_theta23=0.56")
        if name in result:
            raise InputError(f"{option} {name}: is given twice")
        result[name.strip()] = value
    return result


@click.command()
@click.argument("study")
@click.option("--set", "values", multiple=True, help="NAME=VALUE: another central value.")
@click.option("--sigma", "errors", multiple=True, help="NAME=VALUE: another 1 sigma error.")
@click.option("--draws", type=int, default=10_000, show_default=True, help="Number of draws.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the draws.")
@click.option("--raw", is_flag=True, help="The network's own draws: nothing removed or weighted.")
@click.option("--out", help="NetCDF file for the draws, laid out as posterior.nc.")
@click.option("--overwrite", is_flag=True, help="Replace a file at --out.")
@click.option("--network", "file", help="Card of a network (default: the shipped one).")
@click.option("--guidance", type=float, help="Guidance scale (default 1, the conditional).")
@click.option("--sampler", help="With --raw: rk4, heun, ddim or ancestral (default rk4).")
@click.option("--conformal", help="Certificate of check --conformal: its calibrated intervals.")
@click.option("--steps", type=int, help="With --raw: steps of the sampler.")
def sample(
    study: str,
    values: tuple[str, ...],
    errors: tuple[str, ...],
    draws: int,
    seed: int,
    raw: bool,
    out: str | None,
    overwrite: bool,
    file: str | None,
    guidance: float | None,
    sampler: str | None,
    conformal: str | None,
    steps: int | None,
) -> None:
    """Answer what-if questions about STUDY (its name, YAML file or model's file) in seconds.

    Prints each prediction's median and 68 % interval for the measurement with the central values
    of --set and the errors of --sigma; the rest stays as in the study.
    """
    if raw and not out:
        raise InputError("--raw: needs --out FILE.nc for the draws")
    if not raw and (sampler or steps is not None):
        raise InputError("--sampler and --steps: only with --raw; weighted draws need the flow")
    if conformal and (errors or guidance is not None):
        raise InputError(
            "--conformal: goes with the errors and the guidance that were calibrated, not with "
            "--sigma or --guidance"
        )
    from ..base.files import writable_file
    from ..base.folders import user_path
    from ..study.what_if import WhatIf, predictions_table, sample_what_if, standing_of

    asked = WhatIf(
        study,
        _pairs(values, "--set"),
        _pairs(errors, "--sigma"),
        draws,
        seed,
        raw,
        absolute(file),
        guidance,
        sampler,
        steps,
    )
    if conformal:
        from pathlib import Path

        from ..study.conformal_check import conformal_intervals, intervals_table
        from ..study.what_if import problem_of

        certificate = Path(str(absolute(conformal)))
        problem = problem_of(asked)
        click.echo(
            intervals_table(*conformal_intervals(problem, certificate, asked.values, asked.seed))
        )
        if not out:
            return
    target = None if out is None else str(writable_file(user_path(out), overwrite))
    answer = sample_what_if(asked, target)
    click.echo(predictions_table(answer))
    click.echo(standing_of(asked))
    if out:
        click.echo(f"draws in {out}")
        if raw:
            next_step(f"pontecorvo mend {quoted(out)} --study {quoted(study)} --out mended.nc")
        else:
            next_step("open it with xarray or arviz; log_weight goes with every draw")
    else:
        next_step("--out FILE.nc keeps the draws; --set and --sigma ask another question")
