"""``pontecorvo check``: can a network or a run be trusted?"""

from pathlib import Path

import click

from ..base.errors import InputError


@click.command()
@click.argument("subject")
@click.option("--out", required=True, help="Folder for certificate.json and report.html.")
@click.option("--simulations", type=int, default=1000, show_default=True, help="Data sets.")
@click.option("--draws", type=int, default=100, show_default=True, help="Draws for each.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of everything.")
@click.option("--guidance", type=float, default=1.0, show_default=True, help="seesaw: its scale.")
@click.option(
    "--experiments",
    multiple=True,
    help="sterile: a set to check, comma-separated, or all; may be repeated "
    "(default: all, and gallium).",
)
@click.option("--network", help="Card of a seesaw network, or folder of sterile ones.")
@click.option("--certify", is_flag=True, help="Also write the certificate beside the network.")
def check(
    subject: str,
    out: str,
    simulations: int,
    draws: int,
    seed: int,
    guidance: float,
    experiments: tuple[str, ...],
    network: str | None,
    certify: bool,
) -> None:
    """Check SUBJECT: the networks of seesaw-no, seesaw-io, sterile or a YAML file, or a run.

    Writes certificate.json and report.html to --out. A network is asked about simulated
    measurements with known truth; the draws of a run's folder are compared with exact ones. Killed
    at any moment, the same command takes up where it was.
    """
    if not str(out).strip():
        raise InputError("--out: is empty; give a folder, new or existing")
    if Path(out).resolve() == Path(subject).resolve():
        raise InputError(f"--out {out}: is the run itself; give another folder")
    from ..study.check import CheckSettings
    from ..study.check import check as run_check

    card = None if network is None else Path(network)
    settings = CheckSettings(simulations, draws, seed, guidance, experiments, card, certify)
    certificate = run_check(subject, Path(out), settings)
    for one in certificate.checks:
        click.echo(f"{one.title}:")
        for verdict in one.corrected:
            click.echo(f"  {verdict}")
        for verdict in one.raw:
            click.echo(f"  raw: {verdict}")
    click.echo(f"{'PASSED' if certificate.passed else 'FAILED'}; certificate in {out}")
