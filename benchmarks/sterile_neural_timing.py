"""One run, one table: a posterior, a thousand posteriors, a MAP and a belt, by every method.

Exact grid, nautilus, emcee and iminuit beside FMPE, NPSE, SNPE-C, NRE and DNRE, on the joint fit.
Times of many are measured on a few and multiplied; the table marks these. SNPE-C is timed where
`sbi` is installed. Training times are those in the networks' folder, or of this run.

    python benchmarks/sterile_neural_timing.py [--networks FOLDER] [--keep FOLDER] [--quick]
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
from pontecorvo.inference.neural.bundle import load_bundle
from pontecorvo.inference.neural.embedding import cell_weights
from pontecorvo.inference.neural.learned_belts import load_belts, observed
from pontecorvo.inference.neural.maps import RatioMaps
from pontecorvo.inference.neural.ratio import load_ratios, posterior_on
from pontecorvo.inference.neural.simulated import make_bank, simulate
from pontecorvo.inference.neural.statistics import of_maps, of_posterior, of_ratio
from pontecorvo.inference.sterile import sterile_plane
from pontecorvo.inference.sterile_fits import Settings, sets_of
from pontecorvo.models.sterile.model import sterile_target
from pontecorvo.models.sterile.registry import load_experiments
from pontecorvo.study.sterile_checks import exact_plane, exact_posterior

DRAWS = 4000
COLUMNS = ("posterior of one", "posterior of 1,000", "MAP of one", "90 % belt", "training")


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=Path, default=NETWORKS)
    parser.add_argument("--keep", type=Path, default=Path("sterile-neural-pieces"))
    parser.add_argument(
        "--quick", action="store_true", help="leave out the exact belt and nautilus"
    )
    args = parser.parse_args()
    args.keep.mkdir(parents=True, exist_ok=True)
    known = json.loads((args.networks / "embedding.json").read_text())["experiments"]
    kinds = [k for k in ("fmpe", "npse") if (args.networks / f"{k}.json").exists()]
    bundle = load_bundle(args.networks, load_experiments(known), kinds)
    embedding = bundle.embedding
    maps, joint = embedding.maps, embedding.maps.joint
    rng = np.random.default_rng(1)
    _, data = simulate(maps, 1000, rng)
    one = data[0]
    table: dict[str, dict[str, float]] = {}
    scaled: set[tuple[str, str]] = set()

    fine = RatioMaps(joint.experiments, exact_plane())
    prepare = seconds(lambda: fine.parts(fine.names))
    few = data[:3]
    grid = seconds(lambda: [exact_posterior(fine, d).draw(DRAWS, rng) for d in few]) / len(few)
    table["exact grid"] = {COLUMNS[0]: grid, COLUMNS[1]: 1000 * grid, COLUMNS[2]: grid}
    scaled.add(("exact grid", COLUMNS[1]))
    table["closed-form maps"] = {
        COLUMNS[0]: seconds(lambda: maps(one, maps.names), 5),
        COLUMNS[1]: seconds(lambda: maps(data, maps.names)),
        COLUMNS[2]: seconds(lambda: maps(one, maps.names).argmax(), 5),
    }
    table["iminuit"] = {COLUMNS[2]: seconds(lambda: minuit(joint, one))}
    if not args.quick:
        target = sterile_target(joint)  # tabulated once; its time is part of the posterior's
        own = {
            "nautilus": lambda: sample_nautilus(target, DRAWS, 1, live=1000),
            "emcee": lambda: sample_emcee(target, DRAWS, 1, None, 64, 4000),
        }
        for name, work in own.items():
            took = seconds(work)
            table[name] = {COLUMNS[0]: took, COLUMNS[1]: 1000 * took}
            scaled.add((name, COLUMNS[1]))
        fit = sets_of(joint.experiments, Settings(shape=(30, 30)))["joint"]
        fit.problem.observed_chi2.min()
        table["exact grid"][COLUMNS[3]] = seconds(fit.belt)
    known_all = embedding(data, maps.names)
    first = known_all.part(slice(0, 1))
    kept = args.networks / "seconds.json"
    trained = json.loads(kept.read_text()) if kept.exists() else {}
    nan = float("nan")
    plane, points = maps.plane, sterile_plane((30, 30), joint.experiments).points
    belts = load_belts(args.networks)
    shared = sum(trained.get(name, nan) for name in ("embedding", "simulations"))
    ratio_shared = trained.get("embedding", nan) + trained.get("simulate ratios", nan)

    def region(kind: str, value: Any) -> float:
        """A belt of one data set over the plane by learned critical values, reading included."""
        if kind not in belts:
            return nan

        def work() -> None:
            reading = embedding(one, maps.names)
            belts[kind][0].critical(points)
            observed(value, reading, points)

        return seconds(work)

    table["closed-form maps"][COLUMNS[3]] = region("maps", of_maps(embedding))
    for kind, posterior in bundle.posteriors.items():
        some = known_all.part(slice(0, 20))
        table[kind] = {
            COLUMNS[0]: seconds(lambda p=posterior: p.draw(one, DRAWS, 1)),
            COLUMNS[1]: 50 * seconds(lambda p=posterior, k=some: p.draw_read(k, DRAWS // 4, 1)),
            COLUMNS[2]: seconds(lambda p=posterior: p.best(p.read(one)), 3),
            COLUMNS[3]: region(kind, of_posterior(posterior)),
            COLUMNS[4]: trained.get(f"train {kind}", nan) + shared,
        }
        scaled.add((kind, COLUMNS[1]))
    area, ten = cell_weights(plane), known_all.part(slice(0, 10))
    for kind, estimator in load_ratios(args.networks, embedding).items():
        table[kind] = {
            COLUMNS[0]: seconds(lambda e=estimator: e.draw(one, DRAWS, 1)),
            COLUMNS[1]: 100 * seconds(lambda e=estimator: posterior_on(e, ten, plane, area)),
            COLUMNS[2]: seconds(lambda e=estimator: e.best(e.read(one)), 5),
            COLUMNS[3]: region(kind, of_ratio(estimator)),
            COLUMNS[4]: trained.get(f"train {kind}", nan) + ratio_shared,
        }
        scaled.add((kind, COLUMNS[1]))
    try:
        from pontecorvo.inference.neural.snpe_c import SnpeC, SnpeSettings

        snpe = SnpeC(embedding, SnpeSettings(epochs=10))
        start = time.perf_counter()
        snpe.fit(make_bank(embedding, 20_000, 21, subsets=False))
        training = time.perf_counter() - start
        table["snpe-c"] = {
            COLUMNS[0]: seconds(lambda: snpe.draw(one, DRAWS)),
            COLUMNS[1]: 20
            * seconds(lambda: snpe.draw_many(known_all.part(slice(0, 50)), DRAWS // 4)),
            COLUMNS[2]: seconds(lambda: snpe.best(first), 3),
            COLUMNS[4]: training,
        }
        scaled.add(("snpe-c", COLUMNS[1]))
    except InputError as error:
        print(f"snpe-c: {error}")
    print(f"{thread_count()} threads; preparing the exact grid once: {prepare:.1f} s; * multiplied")
    print(f"{'':18}" + "".join(f"{name:>20}" for name in COLUMNS) + f"{'pays from':>12}")
    for name, times in table.items():
        cells = ""
        for column in COLUMNS:
            value = times.get(column)
            mark = "*" if (name, column) in scaled else " "
            cells += f"{'-' if value is None or np.isnan(value) else f'{value:.3g} s'}{mark}".rjust(
                20
            )
        pays = ""
        training = times.get(COLUMNS[4], float("nan"))
        saved = grid - times.get(COLUMNS[1], np.inf) / 1000
        if not np.isnan(training):
            pays = f"{training / saved:.0f} sets" if saved > 0 else "never"
            if saved > 0:
                table[name]["pays_from"] = training / saved
            else:
                table[name]["never"] = True
        print(f"{name:18}{cells}{pays:>12}")
    for column in COLUMNS[:4]:
        known_times = {n: t[column] for n, t in table.items() if np.isfinite(t.get(column, nan))}
        print(f"fastest {column}: {min(known_times, key=lambda n: known_times[n])}")
    content = {
        "threads": thread_count(),
        "draws": DRAWS,
        "columns": list(COLUMNS),
        "prepare_exact_grid": prepare,
        "multiplied": sorted(f"{a}: {b}" for a, b in scaled),
        "table": {n: {k: v for k, v in t.items() if np.isfinite(v)} for n, t in table.items()},
    }
    results = Path(__file__).parent / "results"
    results.mkdir(exist_ok=True)
    files.write_json(results / "sterile_neural_timing.json", content)


if __name__ == "__main__":
    main()
