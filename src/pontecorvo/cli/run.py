"""``pontecorvo run``: infer a study and write its results."""

from typing import Any

import click

from ..base.closing import next_step, quoted
from ..base.workers_option import workers_option
from .endings import DONE, NOT_GOOD
from .study_command import StudyCommand, absolute


@click.command(name="run", cls=StudyCommand)
@click.argument("study")
@click.option("--out", required=True, help="Folder for results.")
@click.option("--draws", type=int, help="Number of posterior draws (default 10000).")
@click.option("--ess", type=float, help="Draw until this effective size, instead of --draws.")
@click.option("--seed", type=int, help="Seed of everything (default 0).")
@click.option("--method", help="network, exact, smc, lift, nautilus, emcee or rounds.")
@click.option("--network", help="Card of a network, for the method network.")
@click.option("--overwrite", is_flag=True, help="Replace a run with other settings in --out.")
@click.option("--no-report", is_flag=True, help="Skip the pictures and the HTML page.")
@workers_option
def run(
    study: str,
    out: str,
    draws: int | None,
    ess: float | None,
    seed: int | None,
    method: str | None,
    network: str | None,
    overwrite: bool,
    no_report: bool,
    extras: dict[str, Any],
) -> int:
    """Infer STUDY and write its results to --out.

    STUDY is a registered study ('pontecorvo studies' lists them), a YAML file, or a model's Python
    file, which is executed. 'pontecorvo run STUDY --help' shows the options of that study.

    Writes posterior.nc, summary.json, settings.yaml and report.html. Killed at any moment, the same
    command takes up where it was. Exit code 3: done, but not converged.
    """
    from ..study.catalog import load_study
    from ..study.methods import known_methods

    changes = {"draws": draws, "ess": ess, "seed": seed, "method": method, **extras}
    if network is not None:
        changes["network"] = {"file": absolute(network)}
    built = load_study(study, **changes)
    result = built.run(out, overwrite=overwrite, report=not no_report)
    summary = result.summary
    for line in summary.get("headline", []):  # what the problem's own report says first
        click.echo(line)
    click.echo(
        f"{summary['study']}: {summary['counts']['draws']} draws by {summary['method']}, "
        f"ESS {summary['ess']:.0f}, raw acceptance {summary['raw_acceptance']:.4g}, "
        f"log-evidence {summary['log_evidence']:.3f} +- {summary['log_evidence_error']:.3f}, "
        f"{100 * summary['closure']['within_three_sigma']:.1f} % within 3 sigma"
    )
    if not summary["converged"]:
        click.echo("pontecorvo: NOT CONVERGED, see method_notes in summary.json", err=True)
    for known in summary.get("networks", []):
        click.echo(f"network {known['network']}: {known['line']}")
    click.echo(f"results in {out}")
    # where a network or exact coordinates serve, they are the default already
    known = known_methods(built.problem) if built.problem else []
    others = set(known) - {summary["method"], "exact", "network"}
    _say_what_is_next(out, summary, others, no_report)
    # draws that were generated for another purpose follow no posterior, and have no size
    follows = result.draws.ess == result.draws.ess
    return NOT_GOOD if follows and not summary["converged"] else DONE


def _say_what_is_next(out: str, summary: dict[str, Any], others: set[str], no_report: bool) -> None:
    """The page, the check of these draws, and what to cite; first of all what to mend."""
    steps = [] if no_report else [f"open {quoted(f'{out}/report.html')}"]
    if not summary["converged"]:
        method = f"another --method ({', '.join(sorted(others))}), " if others else ""
        steps.insert(0, f"{method}a narrower prior, or --ess to draw longer")
    else:
        steps.append(f"pontecorvo check {quoted(out)} --out {quoted(out + '-check')}")
    steps.append(f"pontecorvo cite {quoted(out)}")
    next_step(*steps)
