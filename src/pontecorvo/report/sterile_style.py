"""How the sterile figures look, and how they are saved."""

import base64
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base import files

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

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
_RC: Any = {
    "font.size": 9,
    "font.family": "serif",
    "font.serif": ["STIXGeneral", "DejaVu Serif"],
    "mathtext.fontset": "stix",
    "axes.linewidth": 0.8,
    "axes.titlesize": 10,
    "axes.labelsize": 10,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "savefig.dpi": 200,
    "pdf.fonttype": 42,
}


@contextmanager
def style() -> Iterator[None]:
    """Matplotlib settings of these figures, inside the block."""
    import matplotlib

    with matplotlib.rc_context(_RC):
        yield


def new_figure(width: float, height: float) -> "Figure":
    """A figure of a size in inches, drawn without any window."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


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


def save(figure: "Figure", folder: Path, name: str) -> list[Path]:
    """Write ``name.png`` and ``name.pdf``; the same figure gives the same bytes."""
    made = []
    with style():
        for suffix, metadata in (("png", {}), ("pdf", {"CreationDate": None})):
            path = folder / f"{name}.{suffix}"
            with files.atomic_path(path) as temporary:
                figure.savefig(temporary, format=suffix, metadata=metadata)
            made.append(path)
    return made


def figure_html(figure: "Figure", caption: str) -> str:
    """The figure inside HTML, whole in itself, with its caption."""
    stream = io.BytesIO()
    with style():
        figure.savefig(stream, format="png", dpi=130)
    data = base64.b64encode(stream.getvalue()).decode()
    alt = caption.replace('"', "&quot;").split(".")[0]
    return (
        f'<figure><img src="data:image/png;base64,{data}" alt="{alt}" style="max-width:100%">'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def table_html(head: Sequence[str], rows: Sequence[Sequence[str]], caption: str) -> str:
    """A plain HTML table."""
    top = "".join(f"<th>{cell}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in rows)
    return (
        f"<table><caption>{caption}</caption><thead><tr>{top}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )
