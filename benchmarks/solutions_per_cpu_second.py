"""Solutions per CPU second, and forward-map calls per solution, of every method in one run.

A solution is a parameter point inside the prior whose five observables lie in their 3 sigma ranges
(the eleven labels of arXiv:2503.21432 are counted beside it). For samplers of the posterior the
number of *independent* ones is counted: effective sample size times the share within 3 sigma. CPU
seconds are those of all threads of the method's own process, training included, imports and
compilation (a small warm-up) left out. A call is one parameter point through the forward map, or
through the chart that stands for it.

Every method runs in a process of its own, with a time limit; what did not finish is said so. The
efforts are settings below: these methods trade effort for quality, and a longer run of a sampler
may be a better one.

    python benchmarks/solutions_per_cpu_second.py [--limit 600] [--only exact,smc] [--tiny]
        [--training-cpu-seconds S]   # of the network, for the row "trained from nothing"
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

RESULTS = Path(__file__).parent / "results"
METHODS = (
    "founding-fast",
    "blind",
    "blind-rescaled",
    "smc",
    "nautilus",
    "emcee",
    "exact",
    "network-raw",
    "network-weighted",
)
NAMES = {
    "founding-fast": "founding-paper preset, fast",
    "blind": "blind scan",
    "blind-rescaled": "blind scan, rescaled",
    "network-raw": "shipped network, raw",
    "network-weighted": "shipped network, weighted",
}


def counting(measurement: Any) -> tuple[Any, dict[str, int]]:
    """A measurement that counts the points whose likelihood is asked for."""
    calls = {"n": 0}

    class Counting(type(measurement)):  # type: ignore[misc]
        def log_likelihood(self, observables: np.ndarray) -> np.ndarray:
            calls["n"] += len(observables)
            return super().log_likelihood(observables)

    counted = object.__new__(Counting)
    counted.__dict__.update(measurement.__dict__)
    return counted, calls


def posterior_row(target: Any, draws: Any, seconds: float, calls: int) -> dict[str, Any]:
    share = float(target.within_three_sigma(draws.theta).mean())
    eleven = float(target.model.acceptances(draws.theta)["eleven_labels"].mean())
    ess = min(float(draws.ess), len(draws.theta))
    return {
        "solutions": ess * share,
        "eleven": ess * eleven,
        "cpu_seconds": seconds,
        "calls": calls,
        "converged": bool(draws.converged),
        "independent": True,
    }


def run_one(method: str, ordering: str, tiny: bool, network: str | None) -> dict[str, Any]:
    """One method, in this process."""
    from pontecorvo.core.target import Target
    from pontecorvo.problems.flavour.nufit import founding_paper_box, nufit
    from pontecorvo.problems.seesaw.model import Seesaw

    model = Seesaw(ordering)
    measurement, calls = counting(nufit(ordering))
    target = Target(model, measurement)
    theta = model.prior.sample(1000, np.random.default_rng(0))
    target.log_likelihood(theta)  # compiles
    model.acceptances(theta)
    chart = target.chart
    target.log_posterior_in(chart, np.random.default_rng(0).random((1000, chart.dim)))
    calls["n"] = 0
    start = time.process_time()
    spent = lambda: time.process_time() - start  # noqa: E731
    if method == "founding-fast":
        from pontecorvo.problems.founding_paper.recipe import run_recipe
        from pontecorvo.problems.founding_paper.settings import FoundingSettings

        extra = {"network": {"updates": 100}, "transfer": {"generated": 500}} if tiny else {}
        settings = FoundingSettings(fast=True, ordering=ordering, **extra)
        n = 500 if tiny else settings.draws
        own = settings.target()
        draws = run_recipe(own, settings.labels(own.model), n, 0, None, settings.recipe())
        last = draws.notes["rounds"][-1]
        return {
            "solutions": last["five_observables_in_prior"]["accepted"],
            "eleven": last["eleven_labels"]["accepted"],
            "cpu_seconds": spent(),
            "calls": settings.pairs + settings.transfer.generated + n,
        }
    if method == "blind":
        box, n, block = founding_paper_box(ordering), 200_000 if tiny else 20_000_000, 100_000
        from pontecorvo.base.parallel import map_threads
        from pontecorvo.problems.seesaw.fast_map import labels_from_theta

        def scan(index: int) -> tuple[int, int]:
            points = model.prior.sample(block, np.random.default_rng([1, index]))
            five = measurement.within_three_sigma(model.forward(points))
            near = points[five]
            return int(five.sum()), int(
                box.within_three_sigma(labels_from_theta(near, ordering, model.vev)).sum()
            )

        found = np.sum(list(map_threads(scan, range(n // block))), axis=0)
        counts = {"solutions": int(found[0]), "eleven": int(found[1])}
        return {**counts, "cpu_seconds": spent(), "calls": n}
    if method == "blind-rescaled":
        from blind_scan import BLOCK, scan_block

        from pontecorvo.base.parallel import map_threads

        box, blocks = founding_paper_box(ordering), 1 if tiny else 150
        # judged by the five after rescaling; the prior's mass range is asked of the eleven only
        work = lambda block: scan_block(model, nufit(ordering), box, 1, block)[0]  # noqa: E731
        found = list(map_threads(work, range(blocks)))
        return {
            "solutions": sum(count["rescaled_eleven_in_prior"] for count in found),
            "eleven": sum(count["rescaled_eleven_in_prior"] for count in found),
            "cpu_seconds": spent(),
            "calls": blocks * BLOCK,
        }
    if method == "exact":
        from pontecorvo.samplers.exact import sample_exact

        draws = sample_exact(
            target, 300 if tiny else 10_000, 1, proposals=1 << (17 if tiny else 22)
        )
    elif method == "smc":
        from pontecorvo.samplers.smc import SMCSettings, sample_smc

        effort = SMCSettings(2, 200, 20) if tiny else SMCSettings(4, 4000, 1000)
        draws = sample_smc(target, 300 if tiny else 10_000, 1, settings=effort)
    elif method == "nautilus":
        from pontecorvo.samplers.nautilus_adapter import sample_nautilus

        draws = sample_nautilus(target, 1000, 1, live=200 if tiny else 2000)
    elif method == "emcee":
        from pontecorvo.samplers.emcee_adapter import sample_emcee

        draws = sample_emcee(
            target, 1000, 1, walkers=64 if tiny else 256, steps=200 if tiny else 20_000
        )
    else:
        return network_row(method, target, measurement, calls, tiny, network)
    return posterior_row(target, draws, spent(), calls["n"])


def network_row(
    method: str, target: Any, measurement: Any, calls: dict, tiny: bool, network: str | None
) -> dict[str, Any]:
    from pontecorvo.sbi.amortised import NetworkOptions, conditioned_chart, propose, sample_network
    from pontecorvo.study.amortised_network import load_network
    from pontecorvo.study.catalog import load_problem
    from pontecorvo.study.what_if import RAW_STEPS

    choice = {"file": Path(network) if network else None}
    flow = load_network(load_problem(target.model.name, {"network": choice}))
    chart = conditioned_chart(target)
    own = NetworkOptions(steps=RAW_STEPS)
    n = 300 if tiny else 10_000
    propose(flow, target, chart, 64, 0, own, with_density=method == "network-weighted")
    calls["n"] = 0
    start = time.process_time()
    if method == "network-weighted":
        draws = sample_network(target, n, 1, flow=flow)
        return posterior_row(target, draws, time.process_time() - start, calls["n"])
    raw = propose(flow, target, chart, n, 1, own, with_density=False)
    theta = raw.theta[np.isfinite(raw.log_volume)]
    inside = target.within_three_sigma(theta)
    seconds = time.process_time() - start
    return {
        "solutions": int(inside.sum()),
        "eleven": int(target.model.acceptances(theta)["eleven_labels"].sum()),
        "cpu_seconds": seconds,
        "calls": n,
    }


def rate(row: dict[str, Any]) -> tuple[str, str]:
    """Solutions a CPU second and calls a solution, with limits where none was found."""
    if row["solutions"] == 0:
        return f"< {3 / row['cpu_seconds']:.3g}", f"> {row['calls'] / 3:.3g}"
    return f"{row['solutions'] / row['cpu_seconds']:.3g}", f"{row['calls'] / row['solutions']:.3g}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ordering", choices=("no", "io"), default="no")
    parser.add_argument("--only", default=",".join(METHODS))
    parser.add_argument("--limit", type=float, default=900, help="seconds for each method")
    parser.add_argument("--network", help="card of a network; the shipped one")
    parser.add_argument("--training-cpu-seconds", type=float, help="of the network")
    parser.add_argument("--tiny", action="store_true", help="to see that it runs")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--json", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        row = run_one(options.one, options.ordering, options.tiny, options.network)
        Path(options.json).write_text(json.dumps(row))
        return
    from rich.console import Console
    from rich.table import Table

    from pontecorvo.base.files import write_json

    wanted = options.only.split(",")
    for name in wanted:
        if name not in METHODS:
            parser.error(f"--only {name}: allowed are {', '.join(METHODS)}")
    rows: dict[str, Any] = {}
    for name in wanted:
        with tempfile.TemporaryDirectory() as folder:
            answer = Path(folder) / "row.json"
            command = [sys.executable, __file__, "--one", name, "--json", str(answer)]
            command += ["--ordering", options.ordering, *(["--tiny"] if options.tiny else [])]
            command += ["--network", options.network] if options.network else []
            try:
                subprocess.run(command, check=True, timeout=options.limit, stderr=subprocess.PIPE)
                rows[name] = json.loads(answer.read_text())
            except subprocess.TimeoutExpired:
                rows[name] = {"failed": f"not finished in {options.limit:g} s"}
            except subprocess.CalledProcessError as error:
                last = error.stderr.decode().strip().splitlines()
                rows[name] = {"failed": last[-1] if last else "failed"}
        print(name, rows[name], flush=True)
    if options.training_cpu_seconds and "solutions" in rows.get("network-raw", {}):
        own = dict(rows["network-raw"])
        own["cpu_seconds"] += options.training_cpu_seconds
        rows["ours from nothing"] = own
    table = Table(title=f"Solutions (5 observables, prior), {options.ordering.upper()}")
    heads = ("method", "solutions", "11 labels", "CPU s", "solutions / CPU s", "calls / solution")
    for column in (*heads, "note"):
        table.add_column(column, justify="left" if column in ("method", "note") else "right")
    for name, row in rows.items():
        if "failed" in row:
            table.add_row(NAMES.get(name, name), "", "", "", "", "", row["failed"])
            continue
        note = "independent" if row.get("independent") else ""
        if row.get("converged") is False:
            note += ", NOT CONVERGED"
        found = f"{row['solutions']:.0f}", f"{row['eleven']:.0f}", f"{row['cpu_seconds']:.1f}"
        table.add_row(NAMES.get(name, name), *found, *rate(row), note)
    Console().print(table)
    if not options.tiny:
        write_json(RESULTS / f"solutions_per_cpu_second_{options.ordering}.json", rows)


if __name__ == "__main__":
    main()
