"""One table for the reader: what each method says of the joint fit."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ....frequentist.belts import Belt
from ....report.page import Section
from ..fits import JOINT, Fit
from ..posterior_shape import shape_of
from ..story import number
from . import fit_tables as tables
from .plane_style import METHOD_TITLES, estimator_titles

if TYPE_CHECKING:
    from ..neural.neural_fits import NeuralResult

HEAD = ("method", "point", "sin2_2theta", "dm2_eV2", "over_no_oscillation", "what_it_is")
CAPTION = (
    "What each method says of {}. Best fit: lowest chi2, uncertainties at their best values. Mode "
    "and MAP: highest density, uncertainties integrated out. ln B: evidence of 3+1 over no "
    "oscillation, flat priors in both logarithms."
)


def methods_section(
    fits: Mapping[str, Fit],
    belts: Mapping[str, Belt],
    neural: "NeuralResult | None",
    folder: Path,
) -> Section:
    """The table, also as ``methods.csv``.

    Args:
        fits: Those of `fits.sets_of`.
        belts: Feldman-Cousins belts by the name of their fit.
        neural: What the networks said.
        folder: Where the CSV is written.
    """
    fit = fits.get(JOINT) or next(iter(fits.values()))
    rows = [*_exact_rows(fit, belts.get(fit.name)), *_neural_rows(fit, neural)]
    tables.write_csv(folder / "methods.csv", HEAD, rows)
    return Section("What each method says", tables.as_html(HEAD, rows, CAPTION.format(fit.title)))


def _exact_rows(fit: Fit, belt: Belt | None) -> tables.Rows:
    best, null = fit.best, fit.null
    shape = shape_of(fit.posterior, (best.x, best.y))
    place = (best.x, best.y)
    rows = [
        [
            "Feldman-Cousins, by trials",
            "best fit",
            *_point(place),
            f"{null.sigma:.2f} sigma",
            "the significance; trials refitted over the whole plane"
            + (f", {int(belt.trials.sum()):,} for the regions" if belt is not None else ""),
        ],
        [
            "the same, local",
            "best fit",
            *_point(place),
            f"{fit.elsewhere.local_sigma:.2f} sigma",
            "as if the best dm2 had been chosen before looking: no significance",
        ],
        [
            METHOD_TITLES["wilks"],
            "best fit",
            *_point(place),
            f"{fit.null_wilks[1]:.2f} sigma",
            "its conditions fail here",
        ],
    ]
    factor = f"ln B = {fit.posterior.log_bayes_factor:.2f}"
    rows.append(["Bayes, exact grid", "mode", *_point(shape.mode), factor, "exact posterior"])
    rows.append(["", "mean of logarithms", *_point(shape.mean), "", "the same posterior"])
    return rows


def _neural_rows(fit: Fit, neural: "NeuralResult | None") -> tables.Rows:
    if neural is None:
        return []
    rows, titles = [], estimator_titles()
    for kind, found in neural.fits[neural.whole].items():
        about = found.describe()
        point = about["map_log10_s22"], about["map_log10_dm2"]
        said = f"network, {100 * about['ess_fraction']:.0f} % effective draws"
        if found.fit is not fit:
            said += f"; of {found.fit.title[0].lower()}{found.fit.title[1:]}"
        factor = f"ln B = {about['log_bayes_factor']:.2f}"
        rows.append([titles[kind], "MAP", *_point(point), factor, said])
    return rows


def _point(point: Sequence[float]) -> list[str]:
    return [number(10.0**value) for value in point]
