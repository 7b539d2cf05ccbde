"""`pontecorvo contour`: the region that chosen experiments allow, as CSV and as a figure."""

from pathlib import Path

import click

from ....base.closing import next_step, quoted
from ....base.workers_option import workers_option
from ....core.registry import in_group
from .common_options import UserPath, axes_option, make_setting, setting_options

METHODS = ("wilks", "feldman-cousins", "bayes")


@in_group("compare")
@click.command()
@click.option("--experiments", required=True, help="Names, comma-separated; see 'experiments'.")
@click.option("--method", default="feldman-cousins", show_default=True, help=", ".join(METHODS))
@click.option("--levels", default="0.68,0.90,0.95", show_default=True, help="Comma-separated.")
@click.option("--out", required=True, type=UserPath(), help="Folder for results.")
@click.option("--points", default="50x50", show_default=True, help="Tested points, s22 x dm2.")
@click.option("--trials", default=1000, show_default=True, help="Trials at every point.")
@click.option("--max-trials", default=8000, show_default=True, help="Most trials, near a boundary.")
@click.option("--seed", default=1, show_default=True, help="Seed of the trials.")
@axes_option
@click.option("--overwrite", is_flag=True, help="Replace what is in --out and is not the same.")
@setting_options
@workers_option
def contour(
    experiments: str,
    method: str,
    levels: str,
    out: Path,
    points: str,
    trials: int,
    max_trials: int,
    seed: int,
    axes: str,
    overwrite: bool,
    **chosen: object,
) -> None:
    """Region that experiments allow, all of them fitted together.

    Writes contours.csv, contours.png, contours.pdf and contour.json to --out; with feldman-cousins
    also belt.npz (critical values and p-values at every point). contour.json names everything
    that was asked for. Killed at any moment, the same command takes up where it was.
    """
    from ..fits import Settings
    from .contour_run import Asked, draw, parse_levels, parse_points

    effort = Settings(
        shape=parse_points(points), levels=parse_levels(levels), trials=trials,
        max_trials=max_trials, seed=seed,
    )  # fmt: skip
    setting = make_setting(**chosen)  # type: ignore[arg-type]
    asked = Asked(experiments, setting, method, effort, axes)
    click.echo(draw(asked, out, overwrite))
    next_step(
        f"look at {quoted(out / 'contours.png')}; contours.csv holds its lines",
        "pontecorvo run sterile --experiments ... adds the posterior and a report",
    )
