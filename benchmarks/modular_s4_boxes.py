"""The S4' model by nautilus, box by box, beside `method: modes`: ln Z and weights of families.

    python benchmarks/modular_s4_boxes.py --ordering no --run DIR [--only B D]

DIR is a run of `pontecorvo run` (study: modular-s4-no, scale: ratio). Nested sampling of the whole
domain does not find the modes; in a box around one family of them it does (nautilus, J. Lange,
MNRAS 525 (2023) 3181), and nothing but the likelihood is shared with `method: modes`. Boxes are in
the half of the domain with Re tau > 0 (the other is its CP image), far wider than the draws in
them, disjoint, and hold nearly all of the run's draws: the sum of their evidences, twice, is Z but
for the share of the draws outside.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
from nautilus import Sampler

from pontecorvo.base.files import write_json
from pontecorvo.problems.modular_s4 import ModularS4Problem, ModularS4Settings
from pontecorvo.study.posterior_file import read_groups

RESULTS = Path(__file__).parent / "results" / "modular_s4_boxes.json"
NAMES = ("re_tau", "im_tau", "a2", "a3", "g2", "g3")
A2 = (1.70, 1.76)
BOXES = {
    "no": {
        "A": ((0.05, 0.15), (0.98, 1.08), A2, (-2.4, -1.9), (1.2, 2.6), (-0.1, 0.5)),
        "B": ((0.05, 0.15), (0.98, 1.08), A2, (-3.1, -2.5), (0.3, 10.0), (-0.3, 0.3)),
        "C": ((0.0, 0.06), (1.1, 1.3), A2, (2.6, 2.95), (2.6, 3.6), (-2.1, -1.2)),
        "D": ((0.0, 0.06), (1.1, 1.3), A2, (1.9, 2.45), (2.6, 3.8), (-2.4, -1.2)),
        "E": ((0.0, 0.05), (1.04, 1.16), A2, (-2.4, -1.9), (1.7, 2.5), (0.1, 0.6)),
    },
    "io": {
        "A": ((0.0, 0.1), (1.6, 2.15), (1.8, 2.2), (2.5, 2.7), (1.1, 1.25), (4.0, 10.0)),
        "B": ((0.0, 0.1), (1.6, 2.15), (1.3, 1.6), (2.2, 2.5), (1.1, 1.25), (4.0, 10.0)),
    },
}


def in_box(target, box, seed):
    """ln of prior times likelihood over a box, its error, calls."""
    low, high = np.array(box).T

    def log_p(unit):
        theta = low + (high - low) * unit
        log_prior = target.log_prior(theta)
        out = np.full(len(theta), -1e300)
        inside = np.isfinite(log_prior)
        if inside.any():
            out[inside] = log_prior[inside] + target.log_likelihood(theta[inside])
        return np.where(np.isfinite(out), out, -1e300)

    sampler = Sampler(
        lambda unit: unit, log_p, n_dim=6, n_live=1000, n_networks=1, vectorized=True,
        pass_dict=False, seed=seed,
    )  # fmt: skip
    sampler.run(n_eff=4000, discard_exploration=True, verbose=False)
    log_z = float(sampler.log_z + np.sum(np.log(high - low)))
    return log_z, float(1 / np.sqrt(sampler.n_eff)), int(sampler.n_like)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--ordering", choices=("no", "io"), default="no")
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    ordering = arguments.ordering
    target = ModularS4Problem(ModularS4Settings(ordering=ordering, scale="ratio")).target
    group = read_groups(arguments.run / "posterior.nc")["posterior"]
    draws = np.column_stack([group[name].values.ravel() for name in NAMES])
    draws[:, 0] = np.abs(draws[:, 0])
    summary = json.loads((arguments.run / "summary.json").read_text())
    log_z, error = summary["log_evidence"], summary["log_evidence_error"]
    for name in arguments.only or BOXES[ordering]:
        box = BOXES[ordering][name]
        low, high = np.array(box).T
        share = float(np.all((draws > low) & (draws < high), axis=1).mean())
        modes = log_z + np.log(share / 2)
        modes_error = float(np.hypot(error, np.sqrt((1 - share) / share / len(draws))))
        cpu = time.process_time()
        found, found_error, calls = in_box(target, box, arguments.seed)
        cpu = time.process_time() - cpu
        print(
            f"{ordering.upper()} {name}: share {share:.3f}, ln Z by nautilus {found:.3f} +- "
            f"{found_error:.3f}, by modes {modes:.3f} +- {modes_error:.3f}; {calls} calls, "
            f"{cpu:.0f} s of processor",
            flush=True,
        )
        results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        results.setdefault(ordering, {})[name] = {
            "share": share, "nautilus": [found, found_error], "modes": [modes, modes_error],
            "calls": calls, "cpu_seconds": cpu,
        }  # fmt: skip
        write_json(RESULTS, results)
    rows = json.loads(RESULTS.read_text())[ordering]
    both = np.array([row["nautilus"] for row in rows.values()])
    z = np.exp(both[:, 0])
    covered = sum(row["share"] for row in rows.values())
    total = float(np.log(2 * z.sum()))
    spread = float(np.sqrt(np.sum((z * both[:, 1]) ** 2)) / z.sum())
    print(
        f"{len(rows)} boxes, {covered:.3f} of the draws: ln Z {total:.3f} +- {spread:.3f}, ", end=""
    )
    print(f"by modes {log_z + np.log(covered):.3f} +- {error:.3f}; whole {log_z:.3f}")


if __name__ == "__main__":
    main()
