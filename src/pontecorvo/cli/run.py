"""``pontecorvo run``: infer a study and write its results."""

import click

from ..base.errors import InputError


@click.command()
@click.argument("study")
@click.option("--out", required=True, help="Folder for results.")
@click.option("--draws", type=int, help="Number of posterior draws (default 10000).")
@click.option("--seed", type=int, help="Seed of everything (default 0).")
@click.option("--method", help="network, exact, smc, nautilus or emcee.")
@click.option("--experiments", help="sterile: names, comma-separated; see 'experiments'.")
@click.option("--flux", help="sterile: reactor flux model, hm, sm or hkss.")
@click.option("--data", help="sterile: folder with released data that does not ship.")
@click.option("--fast", is_flag=True, help="founding-paper: minutes instead of an hour.")
@click.option("--overwrite", is_flag=True, help="Replace a run with other settings in --out.")
@click.option("--no-report", is_flag=True, help="Skip the pictures and the HTML page.")
def run(
    study: str,
    out: str,
    draws: int | None,
    seed: int | None,
    method: str | None,
    experiments: str | None,
    flux: str | None,
    data: str | None,
    fast: bool,
    overwrite: bool,
    no_report: bool,
) -> None:
    """Infer STUDY and write its results to --out.

    STUDY is seesaw-no, seesaw-io, sterile, founding-paper, or a YAML file.

    Writes posterior.nc, summary.json, settings.yaml and report.html. Killed at any moment, the same
    command takes up where it was.
    """
    if not str(out).strip():
        raise InputError("--out: is empty; give a folder, new or existing")
    from ..study.catalog import load_study

    built = load_study(
        study,
        draws=draws,
        seed=seed,
        method=method,
        experiments=experiments.split(",") if experiments is not None else None,
        flux=flux,
        data=data,
        fast=fast or None,
    )
    result = built.run(out, overwrite=overwrite, report=not no_report)
    summary = result.summary
    click.echo(
        f"{summary['study']}: {summary['counts']['draws']} draws by {summary['method']}, "
        f"ESS {summary['ess']:.0f}, raw acceptance {summary['raw_acceptance']:.4g}, "
        f"log-evidence {summary['log_evidence']:.3f} +- {summary['log_evidence_error']:.3f}, "
        f"{100 * summary['closure']['within_three_sigma']:.1f} % within 3 sigma"
    )
    if not summary["converged"]:
        click.echo("pontecorvo: NOT CONVERGED, see method_notes in summary.json", err=True)
    for network in summary.get("networks", []):
        click.echo(f"network {network['network']}: {network['line']}")
    click.echo(f"results in {out}")
