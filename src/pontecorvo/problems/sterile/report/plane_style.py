"""What the sterile figures have besides the house style: colours by set and method, the plane.

They hold many small panels, so their type is smaller.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ....report.style import RC
from ..estimators import ESTIMATORS
from ..plane_coordinates import LABELS, SIN2, MixingScale, mixing_of, s22_of, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# of networks; like all colours here those of Okabe & Ito, told apart by everyone
ESTIMATOR_COLOURS = {
    **{"fmpe": "#0072B2", "npse": "#D55E00", "nre": "#009E73", "dnre": "#CC79A7"},
    **{"fmpe-rounds": "#56B4E9", "npse-rounds": "#E69F00", "snpe-c": "#000000"},
}
METHOD_COLOURS = {"wilks": "#999999", "feldman-cousins": "#D55E00", "bayes": "#0072B2"}
METHOD_TITLES = {
    "wilks": "Wilks (for comparison)",
    "feldman-cousins": "Feldman–Cousins, by trials",
    "bayes": "Bayesian, highest density",
}
_SMALL: Any = RC | {
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.labelsize": 10,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.fontsize": 8,
    "lines.linewidth": 1.2,
    "xtick.minor.size": 2.0,
    "xtick.minor.width": 0.6,
    "ytick.minor.size": 2.0,
    "ytick.minor.width": 0.6,
}


def estimator_titles() -> dict[str, str]:
    """Names of the estimators by kind."""
    return {kind: one.title for kind, one in ESTIMATORS.items()}


@contextmanager
def style() -> Iterator[None]:
    """Matplotlib settings of these figures, inside the block."""
    import matplotlib

    with matplotlib.rc_context(_SMALL):
        yield


def plane_axes(
    axes: "Axes", x_label: bool = True, y_label: bool = True, lowest: float = 1e-3
) -> None:
    """Logarithmic axes of the (sin^2 2theta, dm2) plane, the first from `lowest`.

    What is drawn has these coordinates; the axes show those in force (`plane_coordinates`).
    """
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(lowest, 1)
    axes.set_ylim(1e-2, 1e2)
    if shown() == SIN2:
        _ticks(axes)
    else:
        _mixing_axes(axes)
    x, y = LABELS[shown()]
    if x_label:
        axes.set_xlabel(x)
    if y_label:
        axes.set_ylabel(y)


def _mixing_axes(axes: "Axes") -> None:
    """Axes of |U_e4|^2 and m_4 under data of s22 and dm2."""
    import numpy as np
    from matplotlib.ticker import FixedFormatter, FixedLocator

    scale, (lowest, highest) = MixingScale(), axes.get_xlim()
    axes.set_xscale("function", functions=(scale.forward, scale.inverse))
    axes.set_xlim(lowest, highest)
    smallest = float(mixing_of(np.array(lowest)))
    powers = np.arange(int(np.ceil(np.log10(smallest))), 0)
    places = [*s22_of(10.0**powers).tolist(), 1.0]
    names = [*(f"$10^{{{int(power)}}}$" for power in powers), "0.5"]
    axes.xaxis.set_major_locator(FixedLocator(places))
    axes.xaxis.set_major_formatter(FixedFormatter(names))
    marks = np.outer(10.0 ** np.append(powers[0] - 1, powers), np.arange(2, 10)).ravel()
    marks = s22_of(marks[marks < 0.5])
    axes.xaxis.set_minor_locator(FixedLocator(marks[marks > lowest].tolist()))
    masses = np.arange(-1, 2)
    axes.yaxis.set_major_locator(FixedLocator([10.0 ** (2 * power) for power in masses]))
    axes.yaxis.set_major_formatter(FixedFormatter([f"$10^{{{power}}}$" for power in masses]))
    between = np.outer(10.0 ** masses[:-1], np.arange(2, 10)).ravel() ** 2
    axes.yaxis.set_minor_locator(FixedLocator(between.tolist()))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_formatter(FixedFormatter([]))


def _ticks(axes: "Axes") -> None:
    """Ticks at the decades, and marks between them as one line a side.

    matplotlib makes five artists of each tick and asks each of them where it is many times: on a
    page of logarithmic panels that takes ten times as long as all else.
    """
    import numpy as np
    from matplotlib.lines import Line2D
    from matplotlib.markers import TICKDOWN, TICKLEFT, TICKRIGHT, TICKUP
    from matplotlib.ticker import FixedLocator, NullLocator

    sides: Any = (
        (axes.xaxis, axes.get_xlim(), axes.get_xaxis_transform(), (TICKUP, TICKDOWN)),
        (axes.yaxis, axes.get_ylim(), axes.get_yaxis_transform(), (TICKRIGHT, TICKLEFT)),
    )
    for axis, ends, transform, markers in sides:
        first, last = np.round(np.log10(ends)).astype(int)
        axis.set_major_locator(FixedLocator([10.0**power for power in range(first, last + 1)]))
        axis.set_minor_locator(NullLocator())
        places = np.outer(10.0 ** np.arange(first, last), np.arange(2, 10)).ravel()
        name = f"{axis.axis_name}tick"
        for side, marker in enumerate(markers):
            along, across = places, np.full(len(places), side)
            line = Line2D(
                *((along, across) if axis is axes.xaxis else (across, along)),
                linestyle="",
                marker=marker,
                markersize=_SMALL[f"{name}.minor.size"],
                markeredgewidth=_SMALL[f"{name}.minor.width"],
                color=_SMALL[f"{name}.color"],
                transform=transform,
                clip_on=False,
                zorder=1.5,  # that of an axis: below lines
            )
            line.set_in_layout(False)
            axes.add_artist(line)
