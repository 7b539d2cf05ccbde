"""One run, one table: a posterior, a thousand posteriors, a MAP and a belt, by every method.

Exact grid, nautilus, emcee and iminuit beside FMPE, NPSE, SNPE-C, NRE and DNRE, on the joint fit.
A posterior is 4,000 draws, one of a thousand 1,000 of a network (the grid's cost is not its
draws). Times of many are measured on a few and multiplied; the table marks these. SNPE-C is timed
where `sbi` is installed, iminuit likewise. Training times are those in the networks' folder
(SNPE-C: of this run).

    python benchmarks/sterile_neural_timing.py [--networks FOLDER] [--quick] [--write]

--quick: little effort for samplers, exact belt and SNPE-C, to see that all of it runs; its times
of these mean nothing, and nothing is written. --write: put the table beside the networks
(``timing.json``), from where reports take it.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from pontecorvo.base import files
from pontecorvo.base.errors import InputError
from pontecorvo.base.parallel import thread_count
from pontecorvo.inference.emcee_adapter import sample_emcee
from pontecorvo.inference.nautilus_adapter import sample_nautilus
from pontecorvo.inference.neural.bundle import SHIPPED as NETWORKS
from pontecorvo.inference.neural.bundle import Bundle, load_bundle
from pontecorvo.inference.neural.learned_belts import load_belts, observed, statistics_of
from pontecorvo.inference.neural.maps import RatioMaps
from pontecorvo.inference.neural.ratio import load_ratios
from pontecorvo.inference.neural.simulated import make_bank, simulate
from pontecorvo.inference.sterile import sterile_plane
from pontecorvo.inference.sterile_fits import Settings, sets_of
from pontecorvo.models.sterile.model import sterile_target
from pontecorvo.models.sterile.registry import load_experiments
from pontecorvo.study.sterile_checks import exact_posterior

DRAWS = 4000
ONE, MANY, MAP, BELT, TRAINING = COLUMNS = (
    *("posterior of one", "posterior of 1,000", "MAP of one", "90 % belt", "training"),
)
POINTS = (30, 30)
EXACT = "exact grid"


def seconds(work: Callable[[], Any], repeat: int = 1) -> float:
    start = time.perf_counter()
    for _ in range(repeat):
        work()
    return (time.perf_counter() - start) / repeat


def minuit(joint: Any, data: np.ndarray) -> None:
    """MAP by MIGRAD from sixteen starts (the posterior has many modes along dm2)."""
    from iminuit import Minuit

    def chi2(x: float, y: float) -> float:
        return float(joint.marginal(np.array([10.0**x]), np.array([10.0**y]), data)[0])

    for y in np.linspace(-1.8, 1.8, 16):
        fit = Minuit(chi2, x=-1.0, y=y)
        fit.errordef, fit.limits, fit.errors = 1.0, [(-4, 0), (-2, 2)], [0.2, 0.05]
        fit.migrad(ncall=400)


class Table:
    """Times by method and column, and which were multiplied."""

    def __init__(self, bundle: Bundle, quick: bool) -> None:
        self.bundle, self.quick = bundle, quick
        self.times: dict[str, dict[str, Any]] = {}
        self.multiplied: list[str] = []
        kept = bundle.folder / "seconds.json"
        self.trained = json.loads(kept.read_text()) if kept.exists() else {}
        self.maps = bundle.embedding.maps
        self.joint = self.maps.joint
        self.data = simulate(self.maps, 1000, np.random.default_rng(1))[1]
        self.prepare = 0.0

    def add(self, name: str, column: str, work: Callable[[], Any], repeat: int = 1) -> None:
        """Time one cell; work was warmed up before if a start costs."""
        self.set(name, column, seconds(work, repeat))

    def set(self, name: str, column: str, value: float, times: int = 1) -> None:
        """Write one cell, perhaps multiplied."""
        self.times.setdefault(name, {})[column] = value * times
        if times > 1:
            self.multiplied.append(f"{name}: {column}")
        print(f"  {name}, {column}: {value * times:.3g} s", flush=True)

    def stages(self, *names: str) -> float:
        """Seconds of stages of the training; nan if one is not known."""
        return sum(float(self.trained.get(name, np.nan)) for name in names)

    def exact(self) -> None:
        """Grid, maps, iminuit, samplers, and the belt by trials."""
        fine = RatioMaps(self.joint.experiments)
        self.prepare = seconds(lambda: fine.parts(fine.names))
        one, few, rng = self.data[0], self.data[:3], np.random.default_rng(2)
        exact_posterior(fine, one)
        grid = seconds(lambda: [exact_posterior(fine, d).draw(DRAWS, rng) for d in few]) / len(few)
        self.set(EXACT, ONE, grid)
        self.set(EXACT, MANY, grid, 1000)
        self.set(EXACT, MAP, grid)
        try:
            self.add("iminuit", MAP, lambda: minuit(self.joint, one))
        except ImportError:
            print("iminuit is left out: it is not installed (pip install iminuit)")
        target = sterile_target(self.joint)  # tabulated once; its time is part of the posterior's
        live, steps = (150, 400) if self.quick else (1000, 4000)
        samplers = {
            "nautilus": lambda: sample_nautilus(target, DRAWS, 1, live=live),
            "emcee": lambda: sample_emcee(target, DRAWS, 1, None, 64, steps),
        }
        for name, work in samplers.items():
            took = seconds(work)
            self.set(name, ONE, took)
            self.set(name, MANY, took, 1000)
        effort = Settings(shape=POINTS)
        if self.quick:
            effort = Settings(shape=(8, 8), trials=1000, max_trials=1000)
        fit = sets_of(self.joint.experiments, effort)["joint"]
        fit.problem.observed_chi2.min()
        self.add(EXACT, BELT, fit.belt)

    def learned(self) -> None:
        """Closed-form map, flows, ratios."""
        embedding, one = self.bundle.embedding, self.data[0]
        many = embedding(self.data, self.maps.names)
        embedding(one, self.maps.names)
        for kind, posterior in self.bundle.posteriors.items():
            self.add(kind, ONE, lambda p=posterior: p.draw(one, DRAWS, 1))
            some = many.part(slice(0, 20))
            took = seconds(lambda p=posterior, k=some: p.draw_read(k, DRAWS // 4, 1))
            self.set(kind, MANY, took, 50)
            self.add(kind, MAP, lambda p=posterior: p.best(p.read(one)), 3)
            self.set(kind, TRAINING, self.stages("embedding", "simulations", f"train {kind}"))
        for kind, estimator in load_ratios(self.bundle.folder, embedding).items():
            self.add(kind, ONE, lambda e=estimator: e.draw(one, DRAWS, 1))
            singles = [many.part(slice(k, k + 1)) for k in range(20)]
            took = seconds(
                lambda e=estimator, s=singles: [e.draw_read(k, DRAWS // 4, 1) for k in s]
            )
            self.set(kind, MANY, took, 50)
            self.add(kind, MAP, lambda e=estimator: e.best(e.read(one)), 5)
            self.set(kind, TRAINING, self.stages("embedding", "simulate ratios", f"train {kind}"))
        points = sterile_plane(POINTS, self.joint.experiments).points
        statistics, titles = statistics_of(self.bundle), {"maps": "closed-form map"}
        for kind, (belt, _) in load_belts(self.bundle.folder).items():

            def region(kind: str = kind, belt: Any = belt) -> None:
                reading = embedding(one, self.maps.names)
                belt.critical(points)
                observed(statistics[kind], reading, points)

            self.add(titles.get(kind, kind), BELT, region)

    def snpe(self) -> None:
        """SNPE-C of sbi, or why not."""
        try:
            from pontecorvo.inference.neural.snpe_c import SnpeC, SnpeSettings

            embedding, count = self.bundle.embedding, 1000 if self.quick else 20_000
            model = SnpeC(embedding, SnpeSettings(epochs=2 if self.quick else 10))
        except InputError as error:
            print(f"snpe-c is left out: {error}")
            return
        name = "snpe-c"
        self.add(name, TRAINING, lambda: model.fit(make_bank(embedding, count, 21, subsets=False)))
        some = embedding(self.data[:50], self.maps.names)
        self.add(name, ONE, lambda: model.draw(self.data[0], DRAWS))
        self.set(name, MANY, seconds(lambda: model.draw_many(some, DRAWS // 4)), 20)
        self.add(name, MAP, lambda: model.best(some.part(slice(0, 1))), 3)

    def weigh_up(self) -> list[str]:
        """From how many data sets on training pays, and who is fastest at what."""
        grid, belt = self.times[EXACT][ONE], self.times[EXACT][BELT]
        making = self.stages("statistics", "belts")
        lines = []
        for name, times in self.times.items():
            training = times.get(TRAINING, np.nan)
            if np.isfinite(training) and MANY in times:
                saved = grid - times[MANY] / 1000
                if saved > 0:
                    times["pays_from"] = training / saved
                times["never"] = saved <= 0
                says = f"{training / saved:.0f} data sets on" if saved > 0 else "no number on"
                lines.append(f"posteriors by {name} pay from {says} ({training:.0f} s of training)")
        learned = [
            times[BELT] for name, times in self.times.items() if name != EXACT and BELT in times
        ]
        if learned and np.isfinite(making):
            saved = belt - max(learned)
            says = f"{making / saved:.0f} data sets on" if saved > 0 else "no number on"
            lines.append(
                f"learned belts pay from {says} ({making:.0f} s for all of them, networks apart)"
            )
        for column in COLUMNS[:-1]:
            known = {n: t[column] for n, t in self.times.items() if column in t}
            first = min(known, key=lambda n: known[n])
            line = f"{column}: fastest is {first} ({known[first]:.3g} s)"
            if EXACT in known and first != EXACT:
                line += f"; the exact grid takes {known[EXACT] / known[first]:.3g} times as long"
            elif first == EXACT:
                line += "; the exact method wins"
            lines.append(line)
        return lines

    def show(self) -> None:
        """Print."""
        print(f"{thread_count()} threads; preparing the exact grid once: {self.prepare:.1f} s")
        print(f"{'':16}" + "".join(f"{name:>20}" for name in COLUMNS) + "   (* multiplied)")
        for name, times in self.times.items():
            cells = ""
            for column in COLUMNS:
                value = times.get(column, np.nan)
                mark = "*" if f"{name}: {column}" in self.multiplied else " "
                cells += (f"{value:.3g} s{mark}" if np.isfinite(value) else "- ").rjust(20)
            print(f"{name:16}{cells}")

    def describe(self, lines: list[str]) -> dict[str, Any]:
        """As plain JSON types."""
        return {
            "threads": thread_count(),
            "draws": DRAWS,
            "quick": self.quick,
            "columns": list(COLUMNS),
            "prepare_exact_grid": self.prepare,
            "multiplied": sorted(self.multiplied),
            "table": {
                name: {k: v for k, v in times.items() if np.isfinite(v)}
                for name, times in self.times.items()
            },
            "statements": lines,
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=Path, default=NETWORKS)
    parser.add_argument("--quick", action="store_true", help="little effort: does all of it run?")
    parser.add_argument("--write", action="store_true", help="timing.json beside the networks")
    args = parser.parse_args()
    known = json.loads((args.networks / "embedding.json").read_text())["experiments"]
    table = Table(load_bundle(args.networks, load_experiments(known)), args.quick)
    start = time.perf_counter()
    table.exact()
    table.learned()
    table.snpe()
    lines = table.weigh_up()
    table.show()
    print("\n".join(lines))
    print(f"all of it: {time.perf_counter() - start:.0f} s")
    if args.quick:
        return
    content = table.describe(lines)
    results = Path(__file__).parent / "results"
    results.mkdir(exist_ok=True)
    files.write_json(results / "sterile_neural_timing.json", content)
    if args.write:
        files.write_json(args.networks / "timing.json", content)


if __name__ == "__main__":
    main()
