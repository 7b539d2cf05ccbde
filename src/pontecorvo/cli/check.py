"""``pontecorvo check``: can a network or a run be trusted?"""

from pathlib import Path
from typing import Any

import click

from ..base.closing import next_step, quoted
from ..base.errors import InputError
from ..base.workers_option import workers_option
from .endings import DONE, NOT_GOOD
from .study_command import StudyCommand, absolute


@click.command(name="check", cls=StudyCommand)
@click.argument("subject")
@click.option("--out", required=True, help="Folder for certificate.json and report.html.")
@click.option("--simulations", type=int, default=1000, show_default=True, help="Data sets.")
@click.option("--draws", type=int, default=100, show_default=True, help="Draws for each.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of everything.")
@click.option("--guidance", type=float, help="Guidance scale of an amortised network (default 1).")
@click.option("--network", help="Card of a network, or a folder of several.")
@click.option("--conformal", is_flag=True, help="Calibrate the network's intervals too.")
@click.option("--overwrite", is_flag=True, help="Replace another certificate in --out.")
@click.option("--certify", is_flag=True, help="Also write the certificate beside the network.")
@workers_option
def check(
    subject: str,
    out: str,
    simulations: int,
    draws: int,
    seed: int,
    guidance: float | None,
    network: str | None,
    conformal: bool,
    overwrite: bool,
    certify: bool,
    extras: dict[str, Any],
) -> int:
    """Check SUBJECT: the networks of a study (its name, YAML file or model's file), or a run.

    Writes certificate.json and report.html to --out. A network is asked about simulated
    measurements with known truth; the draws of a run's folder are compared with exact ones. Killed
    at any moment, the same command takes up where it was. Exit code 3: the check has failed.
    """
    from ..base.folders import user_path

    folder = user_path(out)
    if folder.resolve() == Path(subject).resolve():
        raise InputError(f"--out {out}: is the run itself; give another folder")
    from ..study.check import CheckSettings
    from ..study.check import check as run_check

    card = None if network is None else Path(str(absolute(network)))
    if guidance is not None and guidance != 1:
        extras = {**extras, "guidance": guidance}
    if conformal:
        extras = {**extras, "conformal": True}
    settings = CheckSettings(simulations, draws, seed, card, certify, extras)
    certificate = run_check(subject, folder, settings, overwrite)
    for one in certificate.checks:
        click.echo(f"{one.title}:")
        for verdict in one.corrected:
            click.echo(f"  {verdict}")
        if one.raw:
            click.echo("  without weights (what the network says alone; no part of the verdict):")
        for verdict in one.raw:
            click.echo(f"    {verdict}")
        if "conformal" in one.about:
            from ..study.conformal_check import coverage_table

            click.echo(coverage_table(one.about["conformal"]))
    click.echo(f"{'PASSED' if certificate.passed else 'FAILED'}; certificate in {out}")
    next_step(f"open {quoted(f'{out}/report.html')}")
    return DONE if certificate.passed else NOT_GOOD
