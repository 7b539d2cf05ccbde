"""`pontecorvo scan`: the chi2 of chosen experiments at the points of a table."""

from pathlib import Path

import click

from ....base.closing import next_step, quoted
from ....core.registry import in_group
from .common_options import UserPath, axes_option, make_setting, setting_options


@in_group("compare")
@click.command()
@click.option("--experiments", required=True, help="Names, comma-separated; see 'experiments'.")
@click.option("--points", required=True, type=UserPath(), help="CSV table in.")
@click.option("--out", required=True, type=UserPath(), help="CSV table out.")
@click.option("--overwrite", is_flag=True, help="Replace a file at --out that is not scan's own.")
@axes_option
@setting_options
def scan(
    experiments: str,
    points: Path,
    out: Path,
    overwrite: bool,
    axes: str,
    flux: str,
    data: Path | None,
    gallium_cross_section: float,
    options: tuple[str, ...],
) -> None:
    """Add chi2, profiled over nuisances, to a table of points.

    The table needs the columns log10_s22 and log10_dm2 (eV^2), or with --axes ue4-m4
    log10_ue4_squared and log10_m4 (eV); others are kept. A table of an
    earlier scan at --out is replaced, another file only with --overwrite.
    """
    from ..experiment_registry import expand

    expand(experiments)  # a slip in a name before anything is read
    setting = make_setting(flux, data, gallium_cross_section, options)
    from .scan_table import check_out, read_points, scan_points, write_points

    check_out(out, overwrite)
    header, rows, values = read_points(points, axes)
    chi2 = scan_points(experiments, setting, values, points)
    write_points(out, header, rows, chi2)
    click.echo(f"{out}: chi2 at {len(rows)} points, lowest {chi2.min():.4f}")
    next_step(
        f"pontecorvo contour --experiments {quoted(experiments)} --method wilks --out contours"
    )
