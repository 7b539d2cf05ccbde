"""How many digits ULYSSES' eta_B has: its integrator's error, seen by moving its output grid.

    python benchmarks/ulysses_grids.py [--rtol 1e-6]

Needs `pip install ulysses==3.0.1`. For the cards with coupled equations: eta_B by ULYSSES at its
integrator's default tolerance for several ends and numbers of points of the grid on which the
solution is printed out, which by rights does not matter; then with a tolerance given; and by this
package. Written to benchmarks/results/ulysses_grids.json.
"""

import argparse
import contextlib
import importlib
import io
import sys
import time
import warnings
from itertools import product
from pathlib import Path

import numpy as np
import ulysses

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "problems" / "flavour" / "predictions"))
from ulysses_cards import VEV, point  # noqa: E402

from pontecorvo.base.files import write_json  # noqa: E402
from pontecorvo.problems.flavour.predictions.boltzmann import History  # noqa: E402
from pontecorvo.problems.flavour.predictions.leptogenesis import eta_b  # noqa: E402

# card, its model in ULYSSES, ours, how many decay, predictions.md
CARDS = [
    ("2N3F", "2BE3F", "three-flavoured", 2, 6.0715),
    ("2N3F", "2DME", "density-matrix", 2, 5.6282),
    ("3N3F", "3DME", "density-matrix", 3, 6.1500),
    ("3N3FIO", "3DME", "density-matrix", 3, 6.0274),
]
GRIDS = list(product((30.0, 50.0, 100.0, 1000.0), (100, 200, 300, 500, 1000)))
EARLY = 0.001
"""ULYSSES' own default start, beside `uls-calc`'s 0.1, in M_1/T."""


def theirs(name, model, z_max, points, rtol=None, z_min=0.1):
    """eta_B/1e-10 by ULYSSES."""
    y, m = point(name)
    module = importlib.import_module(f"ulysses.etab{model}")
    loose = module.odeintw
    exact = {} if rtol is None else {"rtol": rtol, "atol": 1e-12 * rtol, "mxstep": 1_000_000}
    solver = getattr(ulysses, f"EtaB_{model}")(
        which_param="manual", vev=VEV, zmin=z_min, zmax=z_max, zsteps=points
    )
    solver.M1, solver.M2, solver.M3 = (float(x) for x in m[0])
    solver._manualh = y[0].conj()
    module.odeintw = lambda *a, **k: loose(*a, **{**k, **exact})
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            return 1e10 * float(np.real(solver.EtaB))
    finally:
        module.odeintw = loose


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rtol", type=float, nargs="*", default=[1e-5, 1e-6])
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    rows = {}
    for name, model, equations, decaying, sheet in CARDS:
        row = {"sheet": sheet, "tight": {}}
        for z_min in (0.1, EARLY):
            values = [theirs(name, model, *grid, z_min=z_min) for grid in GRIDS]
            history = History(z_min, 30.0, 100)
            ours = 1e10 * float(eta_b(*point(name), VEV, equations, decaying, history)[0])
            row[f"from {z_min:g}"] = {"grids": values, "ours": ours}
            print(f"{name} {model} from z = {z_min:g}: sheet {sheet:.4f}, here {ours:.4f}", end="")
            print(f"; ULYSSES {min(values):.4f} to {max(values):.4f}, median ", end="")
            print(f"{np.median(values):.4f}", flush=True)
        for rtol in arguments.rtol:
            start = time.perf_counter()
            row["tight"][f"{rtol:g}"] = value = theirs(name, model, 30.0, 100, rtol)
            print(f"  rtol {rtol:g}: {value:.6f} ({time.perf_counter() - start:.0f} s)", flush=True)
        rows[f"{name} {model}"] = row
    write_json(ROOT / "benchmarks" / "results" / "ulysses_grids.json", rows)


if __name__ == "__main__":
    main()
