"""What the learned statistics say in the report: contours beside exact ones, coverage, times."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup
from scipy.interpolate import RegularGridInterpolator

from ....frequentist.belts import Belt
from ....frequentist.plane import Plane
from ....frequentist.trial_region import LEVELS
from ....report.page import PageFigure
from ....report.style import empty_figure
from ..fits import Fit
from ..neural.learned_belts import (
    MAPS_TITLE,
    LearnedRegion,
    drawing_plane,
    learned_regions,
    overlaps,
)
from ..neural.plane_flows import TITLES as FLOWS
from ..neural.profile_belt import KIND as PROFILE
from ..neural.profile_belt import TITLE as PROFILE_TITLE
from ..neural.profile_belt import profile_region
from ..neural.ratio import TITLES as RATIOS
from . import fit_tables as tables
from .plane_style import METHOD_COLOURS, METHOD_TITLES, plane_axes, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..neural.bundle import Bundle

TITLES = {PROFILE: PROFILE_TITLE, "maps": MAPS_TITLE, **RATIOS, **FLOWS}
SHADE = "#9ecae1"
SHOWN = 0.90
HEAD = (
    *("statistic", "overlap_68", "overlap_90", "overlap_95", "covers_68", "covers_90"),
    *("covers_95", "cells_90_lowest", "cells_90_highest", "cells_90_p", "data_sets"),
)


@dataclass(frozen=True)
class LearnedContours:
    """The joint fit's regions by learned critical values, and the exact ones beside.

    Attributes:
        fit: The joint fit.
        belt: Its exact belt; None where the run has none.
        plane: Where contours are drawn.
        drawn: Regions on that plane, by statistic.
    """

    fit: Fit
    belt: Belt | None
    plane: Plane
    drawn: dict[str, LearnedRegion]

    @classmethod
    def of(cls, bundle: "Bundle", fit: Fit, belt: Belt | None) -> "LearnedContours | None":
        """Of the measured data; None where the networks read other experiments than the fit's.

        The first region is of the exact belt's own statistic, for any experiments; the networks'
        are there where they have belts for these.
        """
        if {e.name for e in fit.experiments} != set(bundle.embedding.maps.names):
            return None
        data, plane = bundle.embedding.maps.joint.data, drawing_plane()
        drawn = {PROFILE: profile_region(fit, plane.points, fit.settings.seed)}
        return cls(fit, belt, plane, drawn | learned_regions(bundle, data, plane.points))

    @cached_property
    def agreement(self) -> dict[str, dict[float, float]]:
        """Intersection over union with the exact belt by area drawn, by statistic and level."""
        if self.belt is None:
            return {}
        fine = self.fit.posterior.plane
        axes, points = (fine.x.values, fine.y.values), self.plane.points
        exact = {}
        for level in LEVELS:
            margin = fine.map(self.fit.belt_margin(self.belt, level))
            between = RegularGridInterpolator(axes, margin, bounds_error=False, fill_value=np.inf)
            exact[level] = between(points) <= 0
        return overlaps(self.drawn, exact)

    def describe(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {
            kind: {"agreement": self.agreement.get(kind, {}), **region.card}
            for kind, region in self.drawn.items()
        }


def contours_part(learned: LearnedContours, folder: Path) -> tuple[PageFigure, Markup]:
    """The figure and the table of learned regions; the table is written as CSV too."""
    exact = "the exact Feldman-Cousins belt (line), and " if learned.belt else ""
    figure = PageFigure(
        "neural-contours",
        contours_figure(learned),
        f"Regions of the joint fit at {100 * SHOWN:g} % by the test statistic of each estimator "
        f"and critical values learned by quantile regression, without toys (shaded), beside {exact}"
        "Wilks' theorem (grey). Overlap: intersection over union of the areas drawn, learned and "
        "exact. The first panel's statistic is the exact belt's own, so that only critical values "
        "are learned. Estimators integrate over the uncertainties where the exact belt takes their "
        "best values, so that even a perfect one has a region of its own. A flow's statistic "
        "cannot exceed some thirty (its density has a floor), so that an island may stay where "
        "strong signals make its critical values as high.",
        "One panel a statistic: its learned region shaded, with exact and Wilks' contours.",
    )
    rows = table_rows(learned)
    tables.write_csv(folder / "neural-belts.csv", HEAD, rows)
    caption = (
        "Regions by learned critical values: overlap with the exact belt on the measured data, and "
        "share of fresh simulated data sets whose region holds the truth, in percent, over the "
        "prior and in 25 cells of the plane (smallest cell p-value times 25). Counted when the "
        f"networks were made; that of {PROFILE_TITLE} in this run, at the tested points."
    )
    return figure, tables.as_html(HEAD, rows, caption)


def contours_figure(learned: LearnedContours) -> "Figure":
    """One panel a statistic: learned, exact and Wilks."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    fine = learned.fit.posterior.plane
    lines = [("wilks", learned.fit.wilks_margin(SHOWN))]
    if learned.belt is not None:
        lines.append(("feldman-cousins", learned.fit.belt_margin(learned.belt, SHOWN)))
    agreement = learned.agreement
    with style():
        columns = min(3, len(learned.drawn))
        rows = -(-len(learned.drawn) // columns)
        figure = empty_figure(7.6, 5.4 if rows > 1 else 4.0)
        panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
        for place, (axes, (kind, region)) in enumerate(
            zip(panels, learned.drawn.items(), strict=False)
        ):
            x, y = 10.0**learned.plane.x.values, 10.0**learned.plane.y.values
            table = learned.plane.map(region.margin(SHOWN)).T
            axes.contourf(x, y, table, [-np.inf, 0.0], colors=[SHADE])
            for method, margin in lines:
                axes.contour(
                    10.0**fine.x.values, 10.0**fine.y.values, fine.map(margin).T, [0.0],
                    colors=METHOD_COLOURS[method], linewidths=0.9,
                )  # fmt: skip
            lowest = place + columns >= len(learned.drawn)
            plane_axes(axes, lowest, place % columns == 0)
            axes.tick_params(labelbottom=lowest)
            title = TITLES[kind]
            if kind in agreement:
                title += f": overlap {agreement[kind][SHOWN]:.2f}"
            axes.set_title(title, fontsize=9)
        handles: list[Any] = [Patch(color=SHADE)]
        labels = ["learned critical values"]
        for method, _ in lines:
            handles.append(Line2D([], [], color=METHOD_COLOURS[method]))
            labels.append(METHOD_TITLES[method])
        for axes in panels[len(learned.drawn) :]:
            axes.set_visible(False)
        figure.legend(handles, labels, loc="outside lower center", ncols=3)
    return figure


def table_rows(learned: LearnedContours) -> list[list[str]]:
    """One row a statistic."""
    agreement, rows = learned.agreement, []
    for kind, region in learned.drawn.items():
        cover = region.card["coverage"]
        column = LEVELS.index(SHOWN)
        rows.append(
            [
                TITLES[kind],
                *(f"{agreement[kind][level]:.2f}" if agreement else "" for level in LEVELS),
                *(f"{100 * value:.1f}" for value in cover["overall"]),
                f"{100 * cover['cells_lowest'][column]:.1f}",
                f"{100 * cover['cells_highest'][column]:.1f}",
                f"{cover['cells_p_value'][column]:.2g}",
                str(cover["data_sets"]),
            ]
        )
    return rows
