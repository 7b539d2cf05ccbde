"""The figures of docs/what-the-seesaw-says.md: the exact posterior under several priors and labels.

Each variant is drawn by the exact sampler, or annealed in the same chart where weights alone would
not do; quartiles of delta come with the Monte-Carlo error of
a quartile of that many draws.

    python benchmarks/what_the_seesaw_says.py --draws 10000
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np

from pontecorvo.base.files import write_json
from pontecorvo.core.target import Target
from pontecorvo.problems.flavour.hierarchy import hierarchy_digits
from pontecorvo.problems.flavour.nufit import founding_paper_box, nufit
from pontecorvo.problems.seesaw.model import Seesaw, SeesawPrior
from pontecorvo.samplers.exact import sample_exact
from pontecorvo.samplers.smc import sample_smc

RESULTS = Path(__file__).parent / "results"
# too sharp in the chart for the exact sampler's single step of importance weights
ANNEALED = ("NO, log-uniform Y", "NO, 11 labels, sharp")


def variants():
    """Name -> (what changes, target)."""
    default = nufit("no")
    return {
        "NO": ("reference study", Target(Seesaw("no"), default)),
        "IO": ("inverted ordering", Target(Seesaw("io"), nufit("io"))),
        "NO, log-uniform Y": (
            "abs(Re Y), abs(Im Y) log-uniform in [1e-3, 1]",
            Target(Seesaw("no", SeesawPrior(yukawa="log-uniform")), default),
        ),
        "NO, M to 1e15": (
            "log10 M in [10, 15]",
            Target(Seesaw("no", SeesawPrior(log10_M_min=10, log10_M_max=15)), default),
        ),
        "NO, Y to 0.1": (
            "Yukawas in [-0.1, 0.1], log10 M in [10, 15]",
            Target(
                Seesaw("no", SeesawPrior(yukawa_max=0.1, log10_M_min=10, log10_M_max=15)), default
            ),
        ),
        "NO, with delta": (
            "NuFIT's delta in the likelihood",
            _with("no", nufit("no", names=(*default.names, "delta_cp"))),
        ),
        "NO, 5-label box": (
            "3 sigma box on the five observables",
            _with("no", nufit("no", shape="box")),
        ),
        "NO, 11-label box": (
            "3 sigma box on dm2 and nine abs(U)",
            _with("no", founding_paper_box("no")),
        ),
        "NO, 11 labels, sharp": (
            "Gaussian on dm2 and nine abs(U): middles of the ranges, a sixth as errors",
            _with("no", founding_paper_box("no").with_shape("gaussian")),
        ),
    }


def _with(ordering, measurement):
    return Target(Seesaw(ordering, observables=measurement.names), measurement)


def measure(target, draws, seed, anneal):
    """All figures of one variant."""
    start = time.perf_counter()
    result = (sample_smc if anneal else sample_exact)(target, draws, seed)
    notes = result.notes
    theta = result.theta
    values = target.model.predict(theta)
    delta = np.rad2deg(values["delta_cp"])
    lower, upper = np.quantile(delta, [0.25, 0.75])
    # error of a quartile: sqrt(p (1 - p) / N) over the density there
    width = 20.0
    density = [np.mean(np.abs(delta - x) < width / 2) / width for x in (lower, upper)]
    error = [float(np.sqrt(0.25 * 0.75 / draws) / d) for d in density]
    correlation = np.corrcoef(theta[:, 18:21].T)
    digits = hierarchy_digits(theta[:, :18])
    return {
        "seconds": time.perf_counter() - start,
        "converged": result.converged,
        "method": result.method,
        "notes": notes,
        "log_evidence": [result.log_evidence, result.log_evidence_error],
        "delta_quartiles_deg": [lower, upper],
        "delta_quartile_errors_deg": error,
        "mean_abs_sin_delta": float(np.mean(np.abs(np.sin(values["delta_cp"])))),
        "log10_M": np.quantile(theta[:, 18:21], [0.05, 0.5, 0.95], axis=0).T.tolist(),
        "corr_M1_M2": correlation[0, 1],
        "corr_M2_M3": correlation[1, 2],
        "sum_m_meV": (1e3 * np.quantile(values["sum_m"], [0.05, 0.5, 0.95])).tolist(),
        "m_ee_meV": (1e3 * np.quantile(values["m_ee"], [0.05, 0.5, 0.95])).tolist(),
        "lightest_meV_95": float(1e3 * np.quantile(np.minimum(values["m1"], values["m3"]), 0.95)),
        "hierarchy_digits_percent": [float(100 * np.mean(digits == d)) for d in (0, 1, 2, 3, 4, 5)],
    }


def line(name, row):
    """One row of the printed table."""
    lower, upper = row["delta_quartiles_deg"]
    sum_m, m_ee = row["sum_m_meV"], row["m_ee_meV"]
    return (
        f"{name:22s} {row['seconds']:6.1f} s  ok {row['converged']!s:5s} "
        f"{row['method']:5s}  "
        f"delta {lower:5.1f} {upper:6.1f} (+- {max(row['delta_quartile_errors_deg']):.1f})  "
        f"sum m {sum_m[1]:6.2f} [{sum_m[0]:.2f}, {sum_m[2]:.2f}]  "
        f"m_ee {m_ee[1]:5.2f} [{m_ee[0]:.2f}, {m_ee[2]:.2f}]  "
        f"log M {' '.join(f'{x[1]:.2f}' for x in row['log10_M'])}  "
        f"corr {row['corr_M1_M2']:+.3f} {row['corr_M2_M3']:+.3f}  "
        f"ln Z {row['log_evidence'][0]:.3f} +- {row['log_evidence'][1]:.3f}"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", help="some variants, by name; the others are kept")
    arguments = parser.parse_args()
    path = RESULTS / "what_the_seesaw_says.json"
    table = json.loads(path.read_text()) if arguments.only and path.exists() else {}
    for name, (what, target) in variants().items():
        if arguments.only and name not in arguments.only:
            continue
        row = table[name] = {
            "what": what,
            **measure(target, arguments.draws, arguments.seed, name in ANNEALED),
        }
        print(line(name, row), flush=True)
        write_json(path, table)


if __name__ == "__main__":
    main()
