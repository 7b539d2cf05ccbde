"""What correlations of the measured inputs change in the predictions.

NuFIT 6.0 publishes central values and errors; a correlation matrix is assumed here, with the signs
and sizes that the experiments suggest: appearance experiments measure a product of theta_13 and
theta_23, solar and reactor data share theta_12 and dm2_21, reactors share theta_13 and the large
splitting. Beside it the same with every sign turned, and with every coefficient doubled.

Two ways that share nothing but the forward map: the *same* exact draws with the ratio of the two
likelihoods as weights (the scatter of the draws cancels, so the shift's error is small), and, for
the first matrix, an exact run of its own. Errors are those of 200 bootstrap resamplings. A shift is
given in half-widths of the uncorrelated 68 % interval.

    python benchmarks/correlated_inputs.py --draw docs/figures/correlated-inputs.png
"""

import argparse
import json
from pathlib import Path

import numpy as np
from reference import RESULTS, exact_draws, one_dimensional
from rich.console import Console
from rich.table import Table

from pontecorvo.base.files import write_json
from pontecorvo.base.progress import progress
from pontecorvo.base.quantiles import weighted_quantiles
from pontecorvo.base.seeds import stream
from pontecorvo.base.weights import kish_ess, normalised
from pontecorvo.core.measurement import GaussianMeasurement
from pontecorvo.core.measurement_file import correlation_matrix
from pontecorvo.core.target import Target
from pontecorvo.problems.flavour.nufit import OSCILLATION, nufit
from pontecorvo.problems.seesaw.model import Seesaw

PLAUSIBLE = [
    ("sin2_theta13", "sin2_theta23", -0.3),
    ("dm2_21", "sin2_theta12", 0.3),
    ("dm2_3l", "sin2_theta13", 0.2),
    ("dm2_3l", "sin2_theta23", -0.2),
]
MATRICES = {"assumed": 1.0, "signs turned": -1.0, "doubled": 2.0}
LEVELS = np.array([0.5, 0.16, 0.84])
ENDS = ("median", "low", "high")
RESAMPLINGS = 200
_DRAWN = {
    "m1": "$m_1$",
    "sum_m": "$\\Sigma m_\\nu$",
    "m_ee": "$m_{ee}$",
    "m_beta": "$m_\\beta$",
    "J": "$J$",
    "I1": "$I_1$",
    "I2": "$I_2$",
    "log10_M[1]": "$\\log_{10} M_1$",
    "log10_M[2]": "$\\log_{10} M_2$",
    "log10_M[3]": "$\\log_{10} M_3$",
}


def correlated(ordering: str, factor: float) -> Target:
    """The study's target, with the assumed correlations times a factor (none for zero)."""
    now = nufit(ordering)
    entries = [(a, b, factor * value) for a, b, value in PLAUSIBLE if factor]
    matrix = correlation_matrix(list(OSCILLATION), entries)
    return Target(Seesaw(ordering), GaussianMeasurement(now.quantities, "gaussian", matrix))


def quantiles(columns: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Median and ends of the 68 % interval, (3, Q), of columns (N, Q)."""
    return np.stack([weighted_quantiles(c, weights, LEVELS) for c in columns.T], axis=1)


def resampled(n: int, rng: np.random.Generator) -> np.ndarray:
    """How often (n,) each draw is in a bootstrap resampling, as weights."""
    return np.bincount(rng.integers(0, n, n), minlength=n) / n


def paired(columns: np.ndarray, ratio: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shift (3, Q) of the quantiles when draws get the weights `ratio`, and its error."""
    flat = np.full(len(columns), 1 / len(columns))
    shift = quantiles(columns, normalised(ratio)) - quantiles(columns, flat)
    rng, weights, others = stream(0, "paired"), np.exp(ratio - ratio.max()), []
    for _ in range(RESAMPLINGS):
        count = resampled(len(columns), rng)
        both = count * weights
        others.append(quantiles(columns, both / both.sum()) - quantiles(columns, count))
    return shift, np.std(others, axis=0)


def unpaired(columns: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shift of the quantiles from one run to another, and its error."""
    spread, sides = np.zeros((3, columns.shape[1])), []
    for index, table in enumerate((columns, others)):
        rng, n = stream(index, "unpaired"), len(table)
        scatter = [quantiles(table, resampled(n, rng)) for _ in range(RESAMPLINGS)]
        spread += np.var(scatter, axis=0)
        sides.append(quantiles(table, np.full(n, 1 / n)))
    return sides[1] - sides[0], np.sqrt(spread)


def as_rows(
    names: list[str], half: np.ndarray, shift: np.ndarray, error: np.ndarray
) -> list[dict[str, object]]:
    """Shifts in half-widths as plain JSON types."""
    return [
        {
            "quantity": name,
            **{f"shift_{end}": float(shift[i, q] / half[q]) for i, end in enumerate(ENDS)},
            **{f"error_{end}": float(error[i, q] / half[q]) for i, end in enumerate(ENDS)},
        }
        for q, name in enumerate(names)
    ]


def measure(ordering: str, draws: int, proposals: int) -> dict[str, object]:
    """All shifts of one ordering."""
    plain = correlated(ordering, 0.0)
    theta = exact_draws(plain, draws, proposals)
    known = one_dimensional(plain, theta)
    names, columns = list(known), np.stack(list(known.values()), axis=1)
    middle = quantiles(columns, np.full(draws, 1 / draws))
    half = 0.5 * (middle[2] - middle[1])
    result: dict[str, object] = {
        "uncorrelated": {
            name: dict(zip(ENDS, middle[:, q].tolist(), strict=True))
            for q, name in enumerate(names)
        }
    }
    before = plain.log_likelihood(theta)
    with progress(f"{ordering}: correlations", len(MATRICES) + 1) as advance:
        for name, factor in MATRICES.items():
            ratio = correlated(ordering, factor).log_likelihood(theta) - before
            rows = as_rows(names, half, *paired(columns, ratio))
            result[name] = {"ess_fraction": kish_ess(ratio) / draws, "rows": rows}
            advance()
        target = correlated(ordering, 1.0)
        own = one_dimensional(target, exact_draws(target, draws, proposals, seed=1))
        there = np.stack(list(own.values()), axis=1)
        result["assumed, own run"] = {"rows": as_rows(names, half, *unpaired(columns, there))}
        advance()
    return result


def show(ordering: str, result: dict) -> None:
    ways = [*MATRICES, "assumed, own run"]
    table = Table(title=f"{ordering}: shift of median, low and high end, in half-widths")
    for head in ("quantity", *ways):
        table.add_column(head)
    for rows in zip(*(result[way]["rows"] for way in ways), strict=True):
        cells = [
            ", ".join(
                f"{100 * row[f'shift_{e}']:+.1f}({100 * row[f'error_{e}']:.1f})" for e in ENDS
            )
            for row in rows
        ]
        table.add_row(rows[0]["quantity"], *(f"{cell} %" for cell in cells))
    Console(width=200).print(table)


def draw(results: dict, path: Path) -> None:
    """Shift of the medians for the three matrices, and for the run of its own."""
    from matplotlib.figure import Figure

    from pontecorvo.report.style import BLUE, GREEN, GREY, INK, VERMILLION, styled

    ways = {
        "assumed": ("assumed", INK, "o"),
        "assumed, own run": ("assumed, a run of its own", GREY, "s"),
        "signs turned": ("signs turned", BLUE, "^"),
        "doubled": ("doubled", VERMILLION, "D"),
    }

    @styled
    def picture() -> None:
        figure = Figure(figsize=(9.2, 4.6), layout="constrained")
        axes = figure.subplots(1, len(results), sharey=True, squeeze=False)[0]
        for ax, (ordering, result) in zip(axes, results.items(), strict=True):
            ax.axvspan(-50, 50, color=GREEN, alpha=0.07, lw=0)
            ax.axvline(0, color=INK, lw=0.8)
            for offset, (way, (label, colour, marker)) in enumerate(ways.items()):
                rows = {row["quantity"]: row for row in result[way]["rows"]}
                y = np.arange(len(_DRAWN)) + 0.18 * (offset - 1.5)
                shift = [100 * rows[name]["shift_median"] for name in _DRAWN]
                error = [100 * rows[name]["error_median"] for name in _DRAWN]
                ax.errorbar(
                    shift, y, xerr=error, fmt=marker, color=colour, ms=4.5, lw=1.2, label=label
                )
            ax.set_yticks(np.arange(len(_DRAWN)), list(_DRAWN.values()))
            ax.minorticks_off()
            ax.set_xlim(-16, 16)
            ax.set_ylim(len(_DRAWN) - 0.4, -0.6)
            ax.set_xlabel("shift of the median [% of the 68 % half-width]")
            ax.set_title({"no": "normal ordering", "io": "inverted ordering"}[ordering])
        axes[0].legend(loc="lower left", fontsize=10)
        figure.savefig(path, dpi=200, metadata={"Software": None})

    picture()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orderings", nargs="*", default=["no", "io"], choices=["no", "io"])
    parser.add_argument("--draws", type=int, default=20_000)
    parser.add_argument("--proposals", type=int, default=1 << 21, help="of the exact sampler")
    parser.add_argument("--draw", type=Path, help="write the figure here")
    parser.add_argument("--only-draw", action="store_true", help="from the stored figures")
    options = parser.parse_args()
    out = RESULTS / "correlated_inputs.json"
    if options.only_draw:
        results = json.loads(out.read_text())["orderings"]
    else:
        results = {o: measure(o, options.draws, options.proposals) for o in options.orderings}
        settings = {"draws": options.draws, "proposals": options.proposals}
        about = {"correlations": PLAUSIBLE, "factors": MATRICES, "resamplings": RESAMPLINGS}
        write_json(out, {**settings, **about, "orderings": results})
    for ordering, result in results.items():
        show(ordering, result)
    if options.draw:
        draw(results, options.draw)


if __name__ == "__main__":
    main()
