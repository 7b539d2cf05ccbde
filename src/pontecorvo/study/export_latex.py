"""A run's predictions as a LaTeX table: medians with 68 and 95 % intervals."""

from math import floor, log10
from pathlib import Path

import numpy as np

from ..base.files import write_text
from ..base.quantiles import around_mean, weighted_quantiles
from .export_chains import refuse_existing
from .finished_run import Column, FinishedRun

_LEVELS = np.array([0.025, 0.16, 0.5, 0.84, 0.975])
_SPECIAL = {"_": r"\_", "%": r"\%", "&": r"\&", "#": r"\#", "^": r"\^{}"}


def escaped(text: str) -> str:
    """Text with LaTeX's special characters escaped."""
    return "".join(_SPECIAL.get(character, character) for character in text)


def number(value: float, digits: int, power: int) -> str:
    """A number over 10^power with `digits` after the point."""
    return f"{value / 10.0**power:.{digits}f}"


def scale(values: np.ndarray) -> tuple[int, int]:
    """Power of ten to take out, and digits after the point for two digits of the errors."""
    low, middle, high = values
    size = max(abs(low), abs(high), abs(middle))
    power = floor(log10(size)) if size > 0 else 0
    power = power if power < -2 or power > 3 else 0
    error = min(high - middle, middle - low)
    error = error if error > 0 else max(high - low, size, 1e-300)
    digits = max(0, 1 - floor(log10(error / 10.0**power)))
    return power, min(digits, 8)


def row(column: Column, weight: np.ndarray) -> str:
    """One line of the table; an angle around its circular mean."""
    values = column.values
    if column.unit == "rad":
        values = around_mean(values, weight)
    low95, low, middle, high, high95 = weighted_quantiles(values, weight, _LEVELS)
    power, digits = scale(np.array([low, middle, high]))
    shown = [number(x, digits, power) for x in (middle, high - middle, middle - low)]
    ends = [number(x, digits, power) for x in (low95, high95)]
    symbol = f"${column.latex}$" if column.latex else rf"\texttt{{{escaped(column.name)}}}"
    factor = rf"$10^{{{power}}}$ " if power else ""
    unit = escaped(column.unit) if column.unit != "1" else ""
    unit = unit.replace(r"eV\^{}2", r"eV$^2$")
    return (
        rf"{symbol} & $ {shown[0]}^{{+{shown[1]}}}_{{-{shown[2]}}} $ & "
        rf"$[{ends[0]}, {ends[1]}]$ & {factor}{unit} \\"
    )


def write_latex(run: FinishedRun, path: Path | str, overwrite: bool = False) -> list[Path]:
    """Write a ``tabular`` of the run's predictions, to be put into a paper by ``\\input``."""
    path = Path(path)
    refuse_existing([path], overwrite)
    weight = run.weights
    columns = [c for c in run.columns if c.prediction and np.isfinite(c.values).all()]
    lines = [
        f"% {run.name}: medians, 68 and 95 % credible intervals; {len(weight)} weighted draws",
        r"\begin{tabular}{llll}",
        r"\hline",
        r" & median, 68\,\% & 95\,\% & unit \\",
        r"\hline",
        *(row(column, weight) for column in columns),
        r"\hline",
        r"\end{tabular}",
    ]
    write_text(path, "\n".join(lines) + "\n")
    return [path]
