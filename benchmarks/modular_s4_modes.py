"""All modes of the S4' modular lepton model, with weights and evidence.

    python benchmarks/modular_s4_modes.py [--check] [--scale ratio] [--data D] [--ordering O]

For both orderings and both settings of the scale: modes, their weights, ln Z and the time that it
took; then the same with JUNO's newest numbers in place of NuFIT's solar pair. Each is written to
benchmarks/results/modular_s4_modes.json as soon as it is known. With --check the variant `ratio`
is done by an independent method too (`root_density`; `modular_s4_check.py` is another). The
peer is a public fitter's example: 10 (NO) and 12 (IO) modes by hand, about ten minutes a chain and
mode, unconverged by its own account, neither weights nor evidence.
"""

import argparse
import json
import time
from itertools import product
from pathlib import Path

import numpy as np
from root_density import RootSettings, sample_by_roots

from pontecorvo.base.files import write_json
from pontecorvo.problems.modular_s4 import ModularS4Problem, ModularS4Settings
from pontecorvo.samplers.modes import ModeSettings, describe, sample_modes

RESULTS = Path(__file__).parent / "results" / "modular_s4_modes.json"


def measure(ordering, scale, data, seed, starts):
    problem = ModularS4Problem(ModularS4Settings(ordering=ordering, scale=scale, data=data))
    target = problem.target
    wall, cpu = time.perf_counter(), time.process_time()
    draws = sample_modes(target, 10_000, seed=seed, settings=ModeSettings(starts=starts))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    names = [quantity.name for quantity in target.model.parameters]
    heavy = [row for row in draws.notes["modes"] if row["share"] > 1e-3]
    print(
        f"{ordering.upper()} scale {scale}, {data}: ln Z = {draws.log_evidence:.4f} "
        f"+- {draws.log_evidence_error:.4f}, {len(heavy)} modes above 0.1 %, "
        f"{wall:.0f} s ({cpu:.0f} s of processor), converged {draws.converged}"
    )
    print(describe(heavy, names), flush=True)
    predictions = target.model.predict(draws.theta)
    quantiles = {
        name: np.quantile(predictions[name], [0.16, 0.5, 0.84]).tolist()
        for name in ("sum_m", "m_ee", "m_beta", "sin2_theta23")
    }
    print({name: [round(x, 4) for x in value] for name, value in quantiles.items()}, flush=True)
    notes = {key: value for key, value in draws.notes.items() if key != "modes"}
    return problem, {
        "ordering": ordering,
        "scale": scale,
        "data": data,
        "log_evidence": draws.log_evidence,
        "error": draws.log_evidence_error,
        "seconds": wall,
        "processor_seconds": cpu,
        "converged": draws.converged,
        "modes": heavy,
        "predictions": quantiles,
        "notes": notes,
    }


def check(problem, seed):
    wall = time.perf_counter()
    effort = RootSettings()
    draws = sample_by_roots(problem.target, 10_000, seed=seed, settings=effort)
    wall = time.perf_counter() - wall
    print(
        f"  independent: ln Z = {draws.log_evidence:.3f} +- {draws.log_evidence_error:.3f}, "
        f"{draws.notes['roots_of_a_data_set']:.1f} roots a data set, {wall:.0f} s",
        flush=True,
    )
    return {"log_evidence": draws.log_evidence, "error": draws.log_evidence_error, "seconds": wall}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--starts", type=int, default=16_000)
    parser.add_argument("--scale", nargs="*", default=["ratio", "free"])
    parser.add_argument("--data", nargs="*", default=["nufit-6.1", "juno-207d"])
    parser.add_argument("--ordering", nargs="*", default=["no", "io"])
    arguments = parser.parse_args()
    for scale, data, ordering in product(arguments.scale, arguments.data, arguments.ordering):
        problem, row = measure(ordering, scale, data, arguments.seed, arguments.starts)
        if arguments.check and scale == "ratio" and data == "nufit-6.1":
            row["independent"] = check(problem, arguments.seed)
        results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        results[f"{scale}, {data}, {ordering}, seed {arguments.seed}"] = row
        write_json(RESULTS, results)


if __name__ == "__main__":
    main()
