"""One run, one table: a posterior, a thousand posteriors, a MAP and a belt, by every method.

Exact grid, nautilus, emcee and iminuit beside FMPE, NPSE, SNPE-C, NRE and DNRE, on the joint fit.
One data set is the measured one, a posterior 4,000 draws, one of a thousand 1,000 of them. Times of
many are measured on a few and multiplied; the table marks these. Samplers and iminuit run in
processes of their own and are stopped after a limit; the table then says "more than". Beside each
time stands whether what was timed is right, against a finer exact grid. SNPE-C is timed where
`sbi` is installed, iminuit likewise. Training times are those in the networks' folder (SNPE-C: of
this run).

    python benchmarks/sterile_neural_timing.py [--networks FOLDER] [--quick] [--write] [--anew]

Each method is kept as it is done; a run that was killed takes up there. --anew: from the start.
--quick: little effort for samplers, exact belt and SNPE-C, to see that all of it runs; its times
of these mean nothing, and nothing is written. --write: put the table beside the networks
(``timing.json``), from where reports take it. Some eleven minutes on two idle cores.
"""

import argparse
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from limited import within
from plane_grid_checks import exact_posterior
from timed_methods import (
    SCAN,
    VALLEYS,
    WALKERS,
    by_emcee,
    by_minuit,
    by_nautilus,
    gap,
    joint_of,
    lowest,
)
from timing_table import (
    BELT,
    COLUMNS,
    EXACT,
    MANY,
    MAP,
    ONE,
    QUALITY,
    SETS,
    TRAINING,
    Row,
    Time,
    pays_from,
    quality_rows,
    statements,
    time_rows,
)

from pontecorvo.base import files
from pontecorvo.base.errors import InputError
from pontecorvo.base.parallel import map_threads, one_blas_thread, thread_count
from pontecorvo.frequentist.grid_posterior import GridDraws, GridPosterior, checked_draws
from pontecorvo.frequentist.toys import statistic
from pontecorvo.problems.sterile.fits import JOINT, Settings, sets_of
from pontecorvo.problems.sterile.model import points_of
from pontecorvo.problems.sterile.neural.bundle import SHIPPED as NETWORKS
from pontecorvo.problems.sterile.neural.bundle import Bundle, load_bundle
from pontecorvo.problems.sterile.neural.interface import NeuralDraws
from pontecorvo.problems.sterile.neural.learned_belts import load_belts, observed, statistics_of
from pontecorvo.problems.sterile.neural.plane_flows import weigh
from pontecorvo.problems.sterile.neural.ratio import load_ratios
from pontecorvo.problems.sterile.neural.ratio_maps import RatioMaps
from pontecorvo.problems.sterile.neural.simulated import make_bank, simulate
from pontecorvo.problems.sterile.neural.trained_settings import trained_experiments
from pontecorvo.problems.sterile.plane_likelihood import sterile_plane

VERSION = 2
"""Of what is measured: rows kept by another version are made again."""
LIMIT = 180.0
DRAWS, DRAWS_OF_MANY = 4000, 1000
FEW = 20
"""Data sets on which times of a thousand are measured."""
FINER = (192, 960)
"""The grid against which quality is judged; ln Z changes by 0.003 from there on."""


@dataclass(frozen=True)
class Effort:
    """How much of everything.

    Attributes:
        limit: Seconds after which a sampler is stopped.
        live: nautilus' live points.
        own: Live points and effective draws of nautilus by its own defaults.
        steps: emcee's steps of each walker.
        points: Points of the belts.
        simulations: SNPE-C's.
        epochs: SNPE-C's passes over them, at most; it stops when it no longer learns.
    """

    limit: float = LIMIT
    live: int = 500
    own: tuple[int, int] = (2000, 10_000)
    steps: int = 6000
    points: tuple[int, int] = (30, 30)
    simulations: int = 20_000
    epochs: int = 30


QUICK = Effort(60.0, 150, (2000, 10_000), 1000, (8, 8), 1000, 2)
TRIALS = 1000
OWN = "nautilus (defaults)"


def known_names(folder: Path) -> list[str]:
    """Which experiments the networks of a folder know."""
    names: list[str] = json.loads((folder / "embedding.json").read_text())["experiments"]
    return names


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """How long, and the result."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


class Timing:
    """The table, row by row, each kept when it is done."""

    def __init__(self, bundle: Bundle, effort: Effort, folder: Path) -> None:
        self.bundle, self.effort, self.folder = bundle, effort, folder
        self.joint, self.names = bundle.embedding.maps.joint, bundle.embedding.maps.names
        self.ready = partial(joint_of, list(self.names))
        self.one = self.joint.data
        self.few = simulate(bundle.embedding.maps, FEW, np.random.default_rng(1))[1]
        self.rows: dict[str, Row] = {}
        self.taken_up: list[str] = []
        kept = bundle.folder / "seconds.json"
        self.trained = json.loads(kept.read_text()) if kept.exists() else {}

    def row(self, name: str, make: Callable[[], Row | None]) -> None:
        """Make one row, or take it as it was kept."""
        about = [VERSION, name, vars(self.effort), DRAWS, DRAWS_OF_MANY, FEW, thread_count()]
        about += [files.sha256(path) for path in sorted(self.bundle.folder.glob("*.json"))]
        stem = re.sub(r"\W+", "-", name).strip("-").lower()
        path = self.folder / f"{stem}-{files.fingerprint(about)}.json"
        if path.is_file():
            self.rows[name] = Row.read(json.loads(path.read_text()))
            self.taken_up.append(name)
        else:
            made = make()
            if made is None:
                return
            files.write_json(path, made.describe())
            self.rows[name] = made
        row = self.rows[name]
        cells = ", ".join(f"{column} {cell.text} s" for column, cell in row.times.items())
        again = " (taken up)" if name in self.taken_up else ""
        print(f"{name}{again}: {cells}; {row.quality}; {row.how}", flush=True)

    @cached_property
    def fine(self) -> RatioMaps:
        """Maps for the exact grid."""
        return RatioMaps(self.joint.experiments)

    @cached_property
    def finer(self) -> GridPosterior:
        """What quality is judged by."""
        return exact_posterior(self.fine, self.one, FINER)

    @cached_property
    def deepest(self) -> float:
        """The lowest -2 ln L that the finer grid leads to."""
        return self.depth(lowest(self.joint, self.one, self.finer, 20))

    def depth(self, point: np.ndarray) -> float:
        """-2 ln L of one point (2,)."""
        return float(self.joint.marginal(*points_of(point.reshape(1, 2)))[0])

    def log_likelihood(self, points: np.ndarray, data: np.ndarray | None = None) -> np.ndarray:
        """Exact log-likelihood (N,) of points (N, 2), on the measured data by default."""
        return np.asarray(-0.5 * self.joint.marginal(*points_of(points), data))

    def judge(self, draws: NeuralDraws | None, best: np.ndarray | None) -> dict[str, float]:
        """Quality of draws with their density, and of a point."""
        result = {}
        if draws is not None:
            weighed = weigh(draws, self.log_likelihood(draws.points))
            result["marginal_gap"] = gap(draws.points, self.finer)
            result["ln_evidence_gap"] = weighed.log_evidence - self.finer.log_evidence
            result["effective"] = weighed.efficiency
        if best is not None:
            result["map_gap"] = self.depth(np.asarray(best)) - self.deepest
        return result

    def trained_in(self, *names: str) -> dict[str, Time]:
        """Stages of the training as a cell; none where one is not known."""
        if not all(name in self.trained for name in names):
            return {}
        return {TRAINING: Time(sum(float(self.trained[name]) for name in names))}

    def exact(self) -> Row:
        """The exact grid, and the belt by trials."""
        prepare, _ = seconds(lambda: self.fine.parts(self.fine.names))
        exact_posterior(self.fine, self.few[0])  # kernels are loaded
        one, (grid, draws) = seconds(lambda: self._checked(self.one, DRAWS, 2))
        many, _ = seconds(self._exact_few)
        top, best = seconds(
            lambda: lowest(self.joint, self.one, exact_posterior(self.fine, self.one))
        )
        fit = sets_of(
            self.joint.experiments,
            Settings(shape=self.effort.points, trials=TRIALS, max_trials=TRIALS),
        )[JOINT]
        fit.problem.observed_chi2.min()
        belt, _ = seconds(fit.belt)

        other = fit.problem.draw(0, 1, np.random.default_rng(3))

        def next_belt() -> None:
            # fine lattices may be laid again: in memory only a few are kept
            with one_blas_thread():
                tested = range(fit.problem.plane.size)
                list(map_threads(lambda k: statistic(fit.problem, other, k), tested))

        following, _ = seconds(next_belt)
        weights = np.exp(draws.log_weight) / np.exp(draws.log_weight).sum()
        quality = {
            "marginal_gap": gap(draws.points, self.finer, weights),
            "ln_evidence_gap": grid.log_evidence - self.finer.log_evidence,
            "effective": draws.effective / DRAWS,
            **self.judge(None, best),
        }
        (x, y), (a, b) = grid.plane.shape, self.effort.points
        times = {ONE: Time(one), MANY: _of_thousand(many), MAP: Time(top)}
        times[BELT] = Time(belt)
        how = (
            f"{x} x {y} points laid where the mass is, draws weighed by the exact likelihood, the "
            "MAP refined between the points; "
            f"belt: {a} x {b} points, {TRIALS:,} trials each"
        )
        return Row(times, quality, how, {"prepare": prepare, "next_belt": following})

    def _checked(self, data: np.ndarray, n: int, seed: int) -> tuple[GridPosterior, GridDraws]:
        grid, rng = exact_posterior(self.fine, data), np.random.default_rng(seed)
        return grid, checked_draws(grid, n, rng, lambda p: self.log_likelihood(p, data))

    def _exact_few(self) -> None:
        # a data set a core: threads of one small product would wait for each other
        with one_blas_thread():
            jobs = range(FEW)
            list(map_threads(lambda k: self._checked(self.few[k], DRAWS_OF_MANY, k), jobs))

    def sampler(self, how: str, work: Callable[..., Any], *args: Any) -> Row:
        """nautilus or emcee on the measured data; its MAP is its highest draw."""
        done = within(self.effort.limit, self.ready, work, *args)
        one = Time(done.seconds, 1, not done.ended)
        times = {ONE: one, MANY: Time(one.seconds * SETS, SETS, one.more), MAP: one}
        if not done.ended:
            return Row(times, {}, f"{how}; stopped")
        found = done.result
        points = found["points"]
        best = points[int(np.argmax(self.log_likelihood(points)))]
        quality = {"marginal_gap": gap(points, self.finer)}
        if "log_evidence" in found:
            quality["ln_evidence_gap"] = found["log_evidence"] - self.finer.log_evidence
        quality |= {"effective": found["effective"], **self.judge(None, best)}
        return Row(times, quality, f"{how}; {found['says']}")

    def minuit(self) -> Row | None:
        """iminuit: the MAP, and one fit of the profiled chi2 times the number of trials."""
        if find_spec("iminuit") is None:
            print("iminuit is left out: it is not installed (pip install iminuit)")
            return None
        best = within(self.effort.limit, self.ready, by_minuit, "marginal")
        fit = within(self.effort.limit, self.ready, by_minuit, "profile")
        a, b = self.effort.points
        count = a * b * TRIALS
        times = {
            MAP: Time(best.seconds, 1, not best.ended),
            BELT: Time(fit.seconds * count, count, not fit.ended),
        }
        how = (
            f"MIGRAD from the {VALLEYS} lowest valleys of a scan of {SCAN[0]} x {SCAN[1]} points; "
            f"belt: such a fit for each of {count:,} trials"
        )
        if not best.ended:
            return Row(times, {}, f"{how}; stopped")
        quality = self.judge(None, best.result["point"])
        return Row(times, quality, f"{how}; {best.result['says']}")

    def belt(self, kind: str) -> dict[str, Time]:
        """The learned region of the measured data as a cell; none where no belt is kept."""
        belts = load_belts(self.bundle.folder)
        if kind not in belts:
            return {}
        learned, statistic = belts[kind][0], statistics_of(self.bundle)[kind]
        points = sterile_plane(self.effort.points, self.joint.experiments).points

        def region() -> None:
            reading = self.bundle.embedding(self.one, self.names)
            learned.critical(points)
            observed(statistic, reading, points)

        region()  # kernels are loaded
        return {BELT: Time(seconds(region)[0])}

    def network(self, kind: str, estimator: Any, training: dict[str, Time]) -> Row:
        """FMPE, NPSE, NRE or DNRE."""
        embedding = self.bundle.embedding
        estimator.draw(self.one, 64, 0)  # kernels are loaded
        one, draws = seconds(lambda: estimator.draw(self.one, DRAWS, 1))

        def thousandth() -> None:
            known = embedding(self.few, self.names)
            if kind in self.bundle.posteriors:
                estimator.draw_read(known, DRAWS_OF_MANY, 1)
            else:  # a ratio draws for one data set at a time
                for k in range(FEW):
                    estimator.draw_read(known.part(slice(k, k + 1)), DRAWS_OF_MANY, 1)

        many, _ = seconds(thousandth)
        top, best = seconds(lambda: estimator.best(estimator.read(self.one)))
        point = best.points[0] if isinstance(best, NeuralDraws) else best[0][0]
        times = {ONE: Time(one), MANY: _of_thousand(many), MAP: Time(top)}
        times |= self.belt(kind) | training
        return Row(times, self.judge(draws, point), "shipped network")

    def snpe(self) -> Row | None:
        """SNPE-C of sbi, trained here."""
        from plane_snpe import PlaneSnpe

        from pontecorvo.sbi.snpe_c import SnpeSettings

        embedding, effort = self.bundle.embedding, self.effort
        try:
            model = PlaneSnpe(embedding, SnpeSettings(epochs=effort.epochs))
        except InputError as error:
            print(f"SNPE-C is left out: {error}")
            return None
        train, _ = seconds(
            lambda: model.fit(make_bank(embedding, effort.simulations, 21, subsets=False))
        )
        model.draw(self.one, 64)
        one, draws = seconds(lambda: model.draw(self.one, DRAWS))
        many, _ = seconds(lambda: model.draw_read(embedding(self.few, self.names), DRAWS_OF_MANY))
        top, best = seconds(lambda: model.best(embedding(self.one, self.names)))
        times = {ONE: Time(one), MANY: _of_thousand(many), MAP: Time(top)}
        embedded = self.trained_in("embedding").get(TRAINING)
        if embedded is not None:
            times[TRAINING] = Time(train + embedded.seconds)
        how = f"sbi, {effort.simulations:,} simulations, at most {effort.epochs} epochs"
        return Row(times, self.judge(draws, best[0]), how)

    def everything(self) -> None:
        """Every row, the longest last."""
        e = self.effort
        self.row(EXACT, self.exact)
        self.row("iminuit", self.minuit)
        ask = (DRAWS, e.live, 0, DRAWS, e.live)
        self.sampled("nautilus", f"{e.live:,} live points, ellipsoids alone", by_nautilus, *ask)
        how = f"{WALKERS} walkers, {e.steps:,} steps, likelihood tabulated first"
        self.sampled("emcee", how, by_emcee, DRAWS, e.steps)
        for kind, flow in self.bundle.posteriors.items():
            cell = self.trained_in("embedding", "simulations", f"train {kind}")
            self.row(kind.upper(), lambda k=kind, f=flow, c=cell: self.network(k, f, c))
        self.row("SNPE-C", self.snpe)
        for kind, ratio in load_ratios(self.bundle.folder, self.bundle.embedding).items():
            cell = self.trained_in("embedding", "simulate ratios", f"train {kind}")
            self.row(kind.upper(), lambda k=kind, f=ratio, c=cell: self.network(k, f, c))
        self.row("closed-form map", lambda: Row(self.belt("maps"), {}, "no network; learned belt"))
        live, n_eff = e.own
        how = f"{live:,} live points, 4 networks a bound, {n_eff:,} effective draws"
        self.sampled(OWN, how, by_nautilus, DRAWS, live, 4, n_eff, 100)

    def sampled(self, name: str, how: str, work: Callable[..., Any], *args: Any) -> None:
        """One row of a sampler."""
        self.row(name, lambda: self.sampler(how, work, *args))

    def describe(self) -> dict[str, Any]:
        """As plain JSON types."""
        belts = [self.trained.get(stage) for stage in ("statistics", "belts")]
        made = sum(belts) if None not in belts else None
        pays = {name: pays_from(row, self.rows[EXACT]) for name, row in self.rows.items()}
        return {
            "threads": thread_count(),
            "draws": DRAWS,
            "draws_of_many": DRAWS_OF_MANY,
            "limit": self.effort.limit,
            "columns": list(COLUMNS),
            "quality": QUALITY,
            "belt_training": made,
            "rows": {name: row.describe() for name, row in self.rows.items()},
            "pays_from": {
                name: {"data_sets": found[0], "never": bool(np.isinf(found[0])), "bound": found[1]}
                for name, found in pays.items()
                if found is not None
            },
            "statements": statements(self.rows, made),
            "taken_up": self.taken_up,
        }

    def show(self) -> None:
        """Print both tables and what they say."""
        for head, body in (time_rows(self.rows), quality_rows(self.rows)):
            widths = [max(map(len, column)) for column in zip(head, *body, strict=True)]
            print()
            for cells in (head, *body):
                *most, last = cells
                fitted = [c.rjust(w) for c, w in zip(most, widths, strict=False)]
                print("  ".join([*fitted, last]).rstrip())
        print("\n(* multiplied)\n" + "\n".join(self.describe()["statements"]))


def _of_thousand(took: float) -> Time:
    return Time(took * SETS / FEW, SETS // FEW)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=Path, default=NETWORKS)
    parser.add_argument("--quick", action="store_true", help="little effort: does all of it run?")
    parser.add_argument("--anew", action="store_true", help="forget the rows that are kept")
    args = parser.parse_args()
    results = Path(__file__).parent / "results"
    rows = results / ".stages" / ("timing-quick" if args.quick else "timing")
    if args.anew:
        for path in rows.glob("*.json"):
            path.unlink()
    bundle = load_bundle(
        args.networks, trained_experiments(args.networks, known_names(args.networks))
    )
    timing = Timing(bundle, QUICK if args.quick else Effort(), rows)
    took, _ = seconds(timing.everything)
    timing.show()
    print(f"all of it: {took:.0f} s")
    if args.quick:
        return
    files.write_json(results / "sterile_neural_timing.json", timing.describe())


if __name__ == "__main__":
    main()
