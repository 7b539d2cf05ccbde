"""Coverage of the belts at 25 points of the plane, and that of Wilks' theorem beside it.

At each point independent trials are drawn, refitted over the whole plane, and counted inside or
outside the belt and the Wilks contour. The belt's critical values come from other trials. Points
lie on the belt's plane; with --off, half a cell away in both coordinates, where the critical value
is interpolated, as contours are drawn.

    python benchmarks/coverage_belts.py [--experiments NAMES] [--trials 1000] [--off]
    python benchmarks/coverage_belts.py --draw docs/figures/sterile-coverage.png
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np

from pontecorvo.base import files
from pontecorvo.base.parallel import map_threads, one_blas_thread
from pontecorvo.base.progress import progress
from pontecorvo.base.seeds import stream
from pontecorvo.frequentist.belts import coverage_probability
from pontecorvo.frequentist.plane import Plane
from pontecorvo.frequentist.toys import BLOCK, null_statistics, statistic
from pontecorvo.frequentist.trial_region import LEVELS, quantile_with_error
from pontecorvo.frequentist.wilks import wilks_critical
from pontecorvo.problems.sterile.experiment_registry import SHIPPED, load_experiments
from pontecorvo.problems.sterile.plane_likelihood import BETWEEN, grid_problem, sterile_plane


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--experiments", default=SHIPPED)
    parser.add_argument("--trials", type=int, default=1000, help="independent trials a point")
    parser.add_argument("--belt-trials", type=int, default=4000, help="trials of the belt a point")
    parser.add_argument("--off", action="store_true", help="truths between the points")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    parser.add_argument("--draw", type=Path, help="draw the results there already, and stop")
    options = parser.parse_args()
    if options.draw:
        draw(options.out, options.draw)
        return

    experiments = load_experiments(options.experiments)
    plane = sterile_plane((50, 50), experiments, BETWEEN)
    columns = np.linspace(8, 47, 5).astype(int)
    rows = np.linspace(4, 46, 5).astype(int)
    cells = [(int(ix), int(iy)) for ix in columns for iy in rows]
    if options.off:  # truths join the fit's hypotheses last among those between
        x, y = plane.x.values, plane.y.values
        truths = [[(x[i] + x[i + 1]) / 2, (y[j] + y[j + 1]) / 2] for i, j in cells]
        plane = Plane(plane.x, plane.y, np.vstack([plane.between, truths]))
    problem = grid_problem(experiments, plane, "coverage")
    levels = np.array(LEVELS)
    start = time.perf_counter()
    table = []
    with progress("coverage", len(cells)) as advance, one_blas_thread():
        for number, (ix, iy) in enumerate(cells):
            corners = [(ix, iy)]
            truth = ix * len(plane.y) + iy
            if options.off:
                truth = len(plane.fitted) - len(cells) + number
                corners = [(ix + a, iy + b) for a in (0, 1) for b in (0, 1)]
            critical = np.mean(
                [
                    quantile_with_error(
                        np.sort(belt_values(problem, a * len(plane.y) + b, options)), levels
                    )[0]
                    for a, b in corners
                ],
                axis=0,
            )
            drawn = list(
                map_threads(
                    lambda block, truth=truth: fresh(problem, truth, block, options.seed),
                    range(-(-options.trials // BLOCK)),
                )
            )
            values = np.concatenate(drawn)[: options.trials]
            inside = (values[:, None] <= critical).sum(axis=0)
            naive = np.array([wilks_critical(level) for level in levels])
            point = plane.fitted[truth]
            table.append(
                {
                    "log10_s22": point[0],
                    "log10_dm2": point[1],
                    "covered": inside,
                    "covered_wilks": (values[:, None] <= naive).sum(axis=0),
                    "critical": critical,
                }
            )
            advance(1)
    elapsed = time.perf_counter() - start
    report(table, levels, options, elapsed, [e.name for e in experiments])


def belt_values(problem, point: int, options) -> np.ndarray:
    return null_statistics(problem, point, options.belt_trials, options.seed + 1)


def fresh(problem, truth: int, block: int, seed: int) -> np.ndarray:
    rng = stream(seed, "coverage-truth", truth, block)
    return statistic(problem, problem.draw(truth, BLOCK, rng), truth)


def report(table, levels, options, elapsed: float, names: list[str]) -> None:
    n = options.trials
    covered = np.array([row["covered"] for row in table])
    wilks = np.array([row["covered_wilks"] for row in table])
    critical = np.array([row["critical"] for row in table])
    # both the trials and the belt's quantile fluctuate
    error = np.sqrt(levels * (1 - levels) * (1 / n + 1 / options.belt_trials))
    pull = (covered / n - levels) / error
    pull_wilks = (wilks / n - levels) / np.sqrt(levels * (1 - levels) / n)
    print(f"{len(table)} points, {n} trials each, belts of {options.belt_trials}; {elapsed:.0f} s")
    print(f"{'log s22':>8}{'log dm2':>8}   belt covers [%]        Wilks covers [%]")
    for row, belt, naive in zip(table, covered, wilks, strict=True):
        print(
            f"{row['log10_s22']:8.2f}{row['log10_dm2']:8.2f}   "
            + " ".join(f"{100 * k / n:6.1f}" for k in belt)
            + "    "
            + " ".join(f"{100 * k / n:6.1f}" for k in naive)
        )
    summary = {}
    for column, level in enumerate(levels):
        chi2 = float((pull[:, column] ** 2).sum())
        worst = float(np.abs(pull[:, column]).max())
        total = coverage_probability(int(covered[:, column].sum()), n * len(table), float(level))
        summary[f"{level:g}"] = {
            "mean_coverage": float(covered[:, column].mean() / n),
            "wilks_mean_coverage": float(wilks[:, column].mean() / n),
            "wilks_lowest": float(wilks[:, column].min() / n),
            "wilks_highest": float(wilks[:, column].max() / n),
            "chi2_of_pulls": chi2,
            "largest_pull": worst,
            "wilks_largest_pull": float(np.abs(pull_wilks[:, column]).max()),
            "binomial_p_of_sum": total,
        }
        print(
            f"{100 * level:g} %: belt {100 * covered[:, column].mean() / n:.2f} %, pulls chi2 "
            f"{chi2:.1f} for {len(table)}, largest {worst:.1f}; Wilks from "
            f"{100 * wilks[:, column].min() / n:.1f} to {100 * wilks[:, column].max() / n:.1f} %"
        )
    name = "coverage_belts_off.json" if options.off else "coverage_belts.json"
    files.write_json(
        options.out / name,
        {
            "experiments": names,
            "trials": n,
            "belt_trials": options.belt_trials,
            "seed": options.seed,
            "seconds": elapsed,
            "levels": levels,
            "summary": summary,
            "points": [
                {"log10_s22": r["log10_s22"], "log10_dm2": r["log10_dm2"], "critical": c,
                 "coverage": k / n, "wilks_coverage": w / n}
                for r, c, k, w in zip(table, critical, covered, wilks, strict=True)
            ],
        },
    )  # fmt: skip


def draw(results: Path, path: Path) -> None:
    """Covered fractions of belts and of Wilks' contours, from the files of this benchmark."""
    from pontecorvo.problems.sterile.report.plane_style import METHOD_COLOURS, METHOD_TITLES, style
    from pontecorvo.report.style import empty_figure

    content = json.loads((results / "coverage_belts.json").read_text())
    points, n = content["points"], content["trials"]
    place = np.arange(len(points))
    with style():
        figure = empty_figure(6.8, 4.6)
        panels = figure.subplots(len(content["levels"]), 1, sharex=True)
        for column, (axes, level) in enumerate(zip(panels, content["levels"], strict=True)):
            error = np.sqrt(level * (1 - level) * (1 / n + 1 / content["belt_trials"]))
            axes.axhspan(level - 2 * error, level + 2 * error, color="0.88", lw=0)
            axes.axhline(level, color="0.5", lw=0.7)
            for key, method, marker in (
                ("wilks_coverage", "wilks", "s"),
                ("coverage", "feldman-cousins", "o"),
            ):
                axes.plot(
                    place,
                    [point[key][column] for point in points],
                    marker,
                    ms=4,
                    color=METHOD_COLOURS[method],
                    label=METHOD_TITLES[method],
                )
            axes.set_ylabel(f"{100 * level:g} %")
            axes.set_ylim(top=1)
            for edge in np.arange(4.5, len(points) - 1, 5):
                axes.axvline(edge, color="0.8", lw=0.6, ls=":")
            axes.minorticks_off()
        middle = place.reshape(-1, 5)[:, 2]
        names = [f"{10 ** points[m]['log10_s22']:.2g}" for m in middle]
        panels[-1].set_xticks(middle, names)
        panels[-1].set_xlabel(
            r"$\sin^2 2\theta_{ee}$ of the truth; within each, $\Delta m^2_{41}$ from low to high"
        )
        figure.supylabel("fraction covered, at level", fontsize=10)
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper right", ncols=2)
        figure.savefig(path, dpi=130)


if __name__ == "__main__":
    main()
