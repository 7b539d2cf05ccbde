"""`pontecorvo experiments`: what there is, where it comes from, and what it says."""

import click

from ....core.registry import in_group
from .common_options import make_setting, setting_options


@in_group("look up")
@click.command()
@click.argument("name", required=False)
@click.option("--fit/--no-fit", default=True, show_default=True, help="Scan each for its minimum.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV instead of a table.")
@setting_options
def experiments(name: str | None, fit: bool, as_csv: bool, **chosen: object) -> None:
    """List the experiments, or tell one whole.

    Source, licence, bins, chi2 without oscillation, best fit.

    With NAME, everything about one: full source, pulls, options, notes.
    """
    setting = make_setting(**chosen)  # type: ignore[arg-type]
    from .experiments_table import COLUMNS, describe_all, print_one, print_table

    if name is not None:
        print_one(name, setting, fit)
        return
    rows = describe_all(setting, fit)
    if as_csv:
        import csv
        import sys

        writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    else:
        print_table(rows)
