"""The part of a report that is JUNO's own: the fit, its plane, and the forecast."""

import csv
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import numpy as np

from ...base.files import write_json, write_text
from ...report.page import PageFigure, Section, table
from .figures import forecast_figure, regions_figure, spectrum_figure
from .fit import PUBLISHED, PUBLISHED_CORRELATION, BestFit, Surface
from .forecast import Forecast
from .juno import Juno

Array = np.ndarray


def fit_section(juno: Juno, best: BestFit, plane: Surface) -> Section:
    """Best fit, spectrum and regions beside the published ones."""
    rows = []
    for name, scale, digits in (("sin2_theta12", 1.0, 4), ("dm2_21", 1e5, 3)):
        value, low, high = plane.interval(name)
        published, error = PUBLISHED[name]
        rows.append(
            [
                name + (" [1e-5 eV^2]" if scale > 1 else ""),
                f"{scale * value:.{digits}f}",
                f"+{scale * (high - value):.{digits}f} -{scale * (value - low):.{digits}f}",
                f"{scale * published:.{digits}f} +- {scale * error:.{digits}f}",
                f"{(value - published) / error:+.2f}",
            ]
        )
    rows.append(
        ["correlation", f"{plane.correlation():.3f}", "", f"{PUBLISHED_CORRELATION:.3f}", ""]
    )
    rows.append(["chi2", f"{best.chi2:.1f}", f"{juno.size} bins", "", ""])
    numbers = table(["", "this fit", "error", "JUNO 2025", "difference [published errors]"], rows)
    far = [
        f"{name} {pull:+.2f}"
        for name, pull in zip(juno.nuisances, best.pulls, strict=True)
        if abs(pull) > 0.3
    ]
    spectrum = PageFigure(
        "juno-spectrum",
        spectrum_figure(juno, best),
        "Prompt energies that JUNO saw, with the fit and its backgrounds; below, the signal over "
        "what is expected without oscillation. Errors are the square roots of the counts.",
        "Spectrum of prompt energy with data, fit and backgrounds, and ratio to no oscillation.",
    )
    regions = PageFigure(
        "juno-regions",
        regions_figure(plane, best),
        "Regions where chi2, profiled over the pulls, theta_13 and the large splitting, rises by "
        "2.30, 6.18 and 11.83, beside the published errors and the correlation of the released "
        "chi2 surface.",
        "Ellipses of sin^2 theta_12 and the small splitting beside the published point.",
        main=True,
    )
    text = (
        "The best fit minimises the chi2 profiled over all pulls; the draws of this run instead "
        "have the pulls integrated out, unless the settings say otherwise."
    )
    if far:
        text += f" Pulls beyond 0.3 standard deviations: {', '.join(far)}."
    return Section("The fit of JUNO", text, [spectrum, regions], after=numbers)


def forecast_section(results: Sequence[Forecast]) -> Section:
    """Errors by exposure."""
    setting = results[0].setting
    flux = (
        "a near detector's"
        if setting.flux == "dayabay-fixed"
        else "Daya Bay's, with its covariance"
    )
    rows = [
        [
            f"{result.days:g}",
            f"{result.errors[0]:.5f}",
            f"{1e5 * result.errors[1]:.4f}",
            f"{1e3 * result.errors[3]:.4f}",
            f"{result.correlation:+.3f}",
        ]
        for result in results
    ]
    numbers = table(
        [
            "live days",
            "sin2_theta12",
            "dm2_21 [1e-5 eV^2]",
            "dm2_3l [1e-3 eV^2]",
            "correlation of the first two",
        ],
        rows,
    )
    shown = PageFigure(
        "juno-forecast",
        forecast_figure(results),
        "Relative errors by exposure (lines), JUNO's results (dots) and its forecast for six years "
        "(squares).",
        "Relative errors of the solar parameters against live days.",
    )
    text = (
        "Errors of the expectation itself (Asimov data) in bins of 20 keV, at the rates and with "
        f"the uncertainties of the first data; the reactor spectrum is {flux}, and a bin's signal "
        f"is uncertain by a further {100 * setting.shape:g} %."
    )
    return Section("What JUNO will reach", text, [shown], after=numbers)


def write_numbers(
    folder: Path, juno: Juno, best: BestFit, plane: Surface, results: Sequence[Forecast]
) -> None:
    """``juno-fit.json``, ``juno-plane.csv`` and ``juno-forecast.json`` in a folder."""
    content = {
        "theta": best.theta,
        "errors": best.errors,
        "correlation": best.correlation,
        "chi2": best.chi2,
        "bins": juno.size,
        "pulls": dict(zip(juno.nuisances, best.pulls.tolist(), strict=True)),
        "intervals": {name: plane.interval(name) for name in PUBLISHED},
    }
    write_json(folder / "juno-fit.json", content)
    if results:
        write_json(folder / "juno-forecast.json", [result.describe() for result in results])
    text = StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(["sin2_theta12", "dm2_21", "chi2"])
    for i, first in enumerate(plane.sin2_12):
        for j, second in enumerate(plane.dm2_21):
            lines.writerow([f"{first:.8g}", f"{second:.8g}", f"{plane.chi2[i, j]:.8g}"])
    write_text(folder / "juno-plane.csv", text.getvalue())
