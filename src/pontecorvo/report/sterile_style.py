"""What the sterile figures have besides the house style: colours by set and method, the plane.

They hold many small panels, so their type is smaller.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .style import RC

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe & Ito: told apart by everyone
COLOURS = {
    "reactor-rates": "#0072B2",
    "reactor-spectra": "#56B4E9",
    "reactors": "#0072B2",
    "gallium": "#D55E00",
    "carbon": "#009E73",
    "solar": "#CC79A7",
    "joint": "#222222",
}
METHOD_COLOURS = {"wilks": "#999999", "feldman-cousins": "#D55E00", "bayes": "#0072B2"}
METHOD_TITLES = {
    "wilks": "Wilks (for comparison)",
    "feldman-cousins": "Feldman–Cousins, by trials",
    "bayes": "Bayesian, highest density",
}
X_LABEL = r"$\sin^2 2\theta_{ee}$"
Y_LABEL = r"$\Delta m^2_{41}$ [eV$^2$]"
_SMALL: Any = RC | {
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.labelsize": 10,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.fontsize": 8,
    "lines.linewidth": 1.2,
}


@contextmanager
def style() -> Iterator[None]:
    """Matplotlib settings of these figures, inside the block."""
    import matplotlib

    with matplotlib.rc_context(_SMALL):
        yield


def plane_axes(axes: "Axes", x_label: bool = True, y_label: bool = True) -> None:
    """Logarithmic axes of the (sin^2 2theta, dm2) plane."""
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(1e-3, 1)
    axes.set_ylim(1e-2, 1e2)
    if x_label:
        axes.set_xlabel(X_LABEL)
    if y_label:
        axes.set_ylabel(Y_LABEL)
