"""``pontecorvo check``: can a network or a run be trusted?"""

from pathlib import Path

import click

from ..base.errors import InputError


@click.command()
@click.argument("subject")
@click.option("--out", required=True, help="Folder for certificate.json and report.html.")
@click.option("--simulations", type=int, default=1000, show_default=True, help="Data sets.")
@click.option("--draws", type=int, default=60, show_default=True, help="Draws for each.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of everything.")
@click.option("--guidance", type=float, default=1.0, show_default=True, help="Guidance scale.")
def check(subject: str, out: str, simulations: int, draws: int, seed: int, guidance: float) -> None:
    """Check SUBJECT: the network of seesaw-no, seesaw-io or a YAML file, or a run's folder.

    Writes certificate.json and report.html to --out. A network is asked about simulated
    measurements with known truth; a run is compared with the exact sampler.
    """
    if not str(out).strip():
        raise InputError("--out: is empty; give a folder, new or existing")
    if Path(out).resolve() == Path(subject).resolve():
        raise InputError(f"--out {out}: is the run itself; give another folder")
    from ..study.check import check as run_check

    certificate = run_check(subject, Path(out), simulations, draws, seed, guidance)
    for verdict in certificate.corrected:
        click.echo(str(verdict))
    for verdict in certificate.raw:
        click.echo(f"raw: {verdict}")
    click.echo(f"{'PASSED' if certificate.passed else 'FAILED'}; certificate in {out}")
