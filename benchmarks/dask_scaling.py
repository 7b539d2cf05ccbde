"""Two local Dask workers against one process: bytes, wall and CPU seconds, memory.

Every case is long work of a verb: simulations (`simulate`), a training set (`train`), annealing
(`run --method smc`), Feldman-Cousins trials (`contour`). One process means one thread. The wall
times of a busy machine say little; so CPU seconds stand beside them, those of the caller and of
each worker: the busiest of these is what the case takes where every process has a core to itself.

    PONTECORVO_THREADS=1 python benchmarks/dask_scaling.py [--workers 2] [--scale 1]
"""

import argparse
import hashlib
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from pontecorvo.base.files import write_json
from pontecorvo.base.workers import map_shards, use_workers
from pontecorvo.study.catalog import load_problem

RESULT = Path(__file__).parent / "results" / "dask_scaling.json"


def simulations(scale: float, folder: Path) -> list[np.ndarray]:
    """Prior draws of the seesaw with their observables."""
    from pontecorvo.sbi.simulated_shards import Plan
    from pontecorvo.study.simulate import simulate

    simulate("seesaw-no", folder, Plan(int(32e6 * scale)))
    return [np.load(path, mmap_mode="r") for path in sorted(folder.glob("*.npy"))]


def training_set(scale: float, folder: Path) -> list[np.ndarray]:
    """Examples for a network of the seesaw."""
    from pontecorvo.sbi.amortised import conditioned_chart
    from pontecorvo.sbi.training_draws import posterior_examples

    broad = load_problem("seesaw-no").training_target()
    chains = max(1024, int(16 * scale) * 1024)
    chart = conditioned_chart(broad)
    return [posterior_examples(broad, chart, 4 * chains, 0, folder, chains, proposals=1 << 20)]


def annealing(scale: float, folder: Path) -> list[np.ndarray]:
    """Four independent runs of sequential Monte Carlo."""
    from pontecorvo.samplers.smc import SMCSettings, sample_smc

    settings = SMCSettings(particles=max(200, int(1000 * scale)), max_sweeps=200)
    draws = sample_smc(load_problem("seesaw-no").target, 800, 0, folder, settings)
    return [draws.theta, np.array([draws.log_evidence])]


def belts(scale: float, folder: Path) -> list[np.ndarray]:
    """Feldman-Cousins trials of one reactor experiment."""
    from pontecorvo.frequentist.belts import feldman_cousins
    from pontecorvo.problems.sterile.experiment_registry import load_experiments
    from pontecorvo.problems.sterile.fits import Fit, Settings

    (experiment,) = load_experiments("danss")
    side = max(4, int(12 * scale**0.5))
    settings = Settings(shape=(side, side), trials=1000, max_trials=2000, seed=1)
    fit = Fit("danss", experiment.title, (experiment,), settings, folder)
    belt = feldman_cousins(fit.problem, trials=1000, max_trials=2000, seed=1, checkpoint=folder)
    return list(belt.arrays().values())


CASES: dict[str, Callable[[float, Path], list[np.ndarray]]] = {
    "simulations": simulations,
    "training set": training_set,
    "annealing (smc)": annealing,
    "Feldman-Cousins": belts,
}


def tree() -> list[psutil.Process]:
    """This process and all that it has started."""
    me = psutil.Process()
    return [me, *me.children(recursive=True)]


def seconds() -> dict[int, float]:
    """CPU seconds of each of them."""
    found = {}
    for process in tree():
        try:
            times = process.cpu_times()
            found[process.pid] = times.user + times.system
        except psutil.Error:
            continue
    return found


@contextmanager
def watched() -> Iterator[dict[str, float]]:
    """Largest resident memory, in MB, of this process and of all together."""
    peak, stop = {"caller": 0.0, "all": 0.0}, threading.Event()

    def look() -> None:
        while not stop.wait(0.2):
            sizes = []
            for process in tree():
                try:
                    sizes.append(process.memory_info().rss / 2**20)
                except psutil.Error:
                    continue
            peak["caller"] = max(peak["caller"], sizes[0])
            peak["all"] = max(peak["all"], sum(sizes))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield peak
    finally:
        stop.set()
        thread.join()


def measured(work: Callable[[Path], list[np.ndarray]]) -> dict[str, object]:
    """Run once in a new folder."""
    with tempfile.TemporaryDirectory(prefix="dask-scaling-") as folder, watched() as peak:
        before, start = seconds(), time.perf_counter()
        arrays = work(Path(folder))
        wall, after = time.perf_counter() - start, seconds()
        digest = hashlib.sha256()
        for array in arrays:
            digest.update(np.ascontiguousarray(array).tobytes())
    spent = {pid: after[pid] - before.get(pid, 0.0) for pid in after}
    caller = spent.pop(os.getpid())
    return {
        "wall": wall,
        "cpu_caller": caller,
        "cpu_workers": sorted((s for s in spent.values() if s > 0.05), reverse=True),
        "peak_caller_mb": peak["caller"],
        "peak_all_mb": peak["all"],
        "sha256": digest.hexdigest(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", default="2")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--cases", nargs="+", default=list(CASES))
    parser.add_argument("--out", type=Path, default=RESULT)
    given = parser.parse_args()
    if os.environ.get("PONTECORVO_THREADS") != "1":
        raise SystemExit("set PONTECORVO_THREADS=1: one process is to mean one thread")
    rows = []
    kept = json.loads(given.out.read_text()) if given.out.exists() else []
    for name in given.cases:
        work = partial(CASES[name], given.scale)
        with tempfile.TemporaryDirectory() as folder:
            CASES[name](0.01, Path(folder))  # what is compiled and loaded once is not timed
        one = measured(work)
        start = time.perf_counter()
        with use_workers(given.workers) as pool:
            assert pool is not None
            list(map_shards(_warm, [name] * 3 * int(pool.size)))
            ready = time.perf_counter() - start
            many = measured(work)
        busiest = max([many["cpu_caller"], *many["cpu_workers"]])  # type: ignore[misc, list-item]
        rows.append(
            {
                "case": name,
                "workers": given.workers,
                "same_bytes": one["sha256"] == many["sha256"],
                "one": one,
                "many": many,
                "seconds_until_ready": ready,
                "speed_up_wall": one["wall"] / many["wall"],  # type: ignore[operator]
                "speed_up_cpu": one["cpu_caller"] / busiest,  # type: ignore[operator]
                "load_average": os.getloadavg()[0],
            }
        )
        others = [row for row in kept if row["case"] not in {one["case"] for one in rows}]
        write_json(given.out, others + rows)
    table = Table(
        *("case", "same bytes", "wall: one", "workers", "x", "CPU: one", "busiest", "x", "load"),
        *("MB: one", "caller", "all"),
    )
    for row in rows:
        one, many = row["one"], row["many"]  # type: ignore[assignment]
        busiest = max([many["cpu_caller"], *many["cpu_workers"]])  # type: ignore[misc, list-item]
        numbers = [one["wall"], many["wall"], row["speed_up_wall"], one["cpu_caller"], busiest]
        numbers += [row["speed_up_cpu"], row["load_average"], one["peak_caller_mb"]]
        numbers += [many["peak_caller_mb"], many["peak_all_mb"]]
        cells = [f"{number:.2f}" if number < 10 else f"{number:.0f}" for number in numbers]  # type: ignore[operator]
        table.add_row(str(row["case"]), "yes" if row["same_bytes"] else "NO", *cells)
    Console(width=140).print(table)


def _warm(name: str) -> int:
    """Load and compile in a worker what the case needs."""
    with tempfile.TemporaryDirectory() as folder:
        return len(CASES[name](0.01, Path(folder)))


if __name__ == "__main__":
    main()
