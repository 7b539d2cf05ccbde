"""``pontecorvo mend``: draws of any origin, carried to a measurement."""

from math import isfinite
from pathlib import Path

import click

from ..base.closing import next_step


@click.command(name="mend")
@click.argument("draws")
@click.option("--study", required=True, help="Study whose measurement the draws shall meet.")
@click.option("--out", required=True, help="NetCDF file for the lifted draws.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of pilot draws.")
@click.option("--overwrite", is_flag=True, help="Replace the file at --out.")
def mend(draws: str, study: str, out: str, seed: int, overwrite: bool) -> None:
    """Carry DRAWS, a file laid out as posterior.nc, to the measurement of a study by the lift.

    With a log-density (log_q) in the file the draws come back weighted, with evidence; without,
    they are solutions and follow no posterior, and the file says so.
    """
    from ..base.folders import user_path
    from ..study.mend import mend_file

    found = mend_file(Path(draws), study, user_path(out), seed, overwrite)
    lost = {key: value for key, value in found.notes.items() if key in ("lost", "outside")}
    said = ", ".join(f"{key} {value}" for key, value in lost.items())
    click.echo(
        f"{len(found.theta)} draws arrived{f' ({said})' if said else ''}; "
        f"{100 * found.raw_acceptance:.1f} % within 3 sigma; "
        + (
            f"ESS {found.ess:.0f}, log-evidence {found.log_evidence:.3f} +- "
            f"{found.log_evidence_error:.3f}"
            if isfinite(found.log_evidence)
            else "no density was given: these are solutions, not a posterior"
        )
    )
    click.echo(f"draws in {out}")
    next_step("open it with xarray or arviz; log_weight in sample_stats goes with every draw")
