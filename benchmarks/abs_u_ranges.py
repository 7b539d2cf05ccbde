"""Three-sigma ranges of abs(U) from NuFIT's projections, beside those that NuFIT 6.0 published.

Prints both for NuFIT 6.0 (how far the sum of projections goes), those of NuFIT 6.1, and with
--write writes the latter as the package's table.

    python benchmarks/abs_u_ranges.py [--write]
"""

import argparse

from rich.console import Console
from rich.table import Table

from pontecorvo.base.files import write_text
from pontecorvo.base.tables import read_table, shipped
from pontecorvo.problems.flavour.measurements.library import PACKAGE, find
from pontecorvo.problems.flavour.measurements.moduli import abs_u_ranges
from pontecorvo.problems.flavour.nufit import abs_u_name

HEADER = (
    "# 3 sigma ranges of abs(U), normal ordering with SK-atm, computed from the one-dimensional "
    "projections of NuFIT 6.1: ours, not NuFIT's.\n"
    "# Made by: python benchmarks/abs_u_ranges.py --write\nelement,low,high\n"
)


def published() -> dict[str, tuple[float, float]]:
    rows = read_table(shipped("pontecorvo.problems.flavour", "nufit60_abs_u.csv")).rows()
    return {
        abs_u_name(row["flavor"], int(row["mass"])): (float(row["low"]), float(row["high"]))
        for row in rows
        if row["variant"] == "with-sk"
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    older, newer = (abs_u_ranges(find(name, "with-sk")) for name in ("nufit-6.0", "nufit-6.1"))
    table = Table("element", "6.0 published", "6.0 from projections", "6.1 from projections")
    for name, (low, high) in published().items():
        cells = [f"{a:.3f} - {b:.3f}" for a, b in ((low, high), older[name], newer[name])]
        table.add_row(name, *cells)
    Console().print(table)
    if asked.write:
        rows = "".join(f"{name},{low:.4f},{high:.4f}\n" for name, (low, high) in newer.items())
        write_text(shipped(PACKAGE, "nufit61_abs_u.csv"), HEADER + rows)


if __name__ == "__main__":
    main()
