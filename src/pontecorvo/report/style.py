"""One look for every figure: fonts, colours, and files whose bytes depend on the content alone.

Figures are made through matplotlib's objects, never through pyplot, so that nothing global is left
behind; the fonts are those that come with matplotlib, so that every machine draws the same. The
style starts from matplotlib's own defaults: nothing of a user's matplotlibrc reaches a figure.
"""

import io
import re
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from ..base.files import atomic_path

# Okabe and Ito's palette (jfly.uni-koeln.de/color), darkened where thin lines need it
BLUE = "#0b5f9e"
VERMILLION = "#c44e12"
GREEN = "#00805c"
ORANGE = "#e69f00"
SKY = "#56b4e9"
PURPLE = "#a3477f"
INK = "#1d2733"
GREY = "#7b8794"
PALE = "#c9d1d9"

ORDERING_COLOUR = {"no": BLUE, "io": VERMILLION}
"""Normal ordering is blue and inverted vermillion, in every figure."""

_SESSION = ("backend", "interactive", "toolbar", "webagg", "tk.", "savefig.directory")
"""Settings of the session, not of the look: they are left as they are."""
RC: Any = {
    name: value
    for name, value in matplotlib.rcParamsDefault.items()
    if not name.startswith(_SESSION)
} | {
    "font.family": ["STIXGeneral"],
    "mathtext.fontset": "stix",
    "font.size": 12,
    "axes.labelsize": 13.5,
    "axes.titlesize": 13,
    "axes.titlelocation": "left",
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 11.5,
    "ytick.labelsize": 11.5,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "xtick.minor.visible": True,
    "ytick.minor.visible": True,
    "legend.frameon": False,
    "legend.fontsize": 11,
    "lines.linewidth": 1.6,
    "patch.linewidth": 0.8,
    "hatch.linewidth": 0.8,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "svg.hashsalt": "pontecorvo",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
}

_METADATA: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": "pontecorvo", "Producer": None},
    "svg": {"Date": None, "Creator": None},
}

_DPI = 200

_PRINT: dict[str, Callable[[Figure, io.BytesIO, dict[str, Any]], Any]] = {
    "png": lambda figure, to, about: FigureCanvasAgg(figure).print_png(to, metadata=about),
    "pdf": lambda figure, to, about: FigureCanvasPdf(figure).print_pdf(to, metadata=about),
    "svg": lambda figure, to, about: FigureCanvasSVG(figure).print_svg(to, metadata=about),
}

P = ParamSpec("P")
R = TypeVar("R")


def styled(function: Callable[P, R]) -> Callable[P, R]:
    """Run a function that draws under the house style, and leave matplotlib's settings alone."""

    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        with matplotlib.rc_context(RC):
            return function(*args, **kwargs)

    return wrapped


def empty_figure(width: float, height: float) -> Figure:
    """A figure of `width` x `height` inches without axes."""
    return Figure(figsize=(width, height), layout="constrained")


def new_figure(
    width: float, height: float, rows: int = 1, columns: int = 1, **layout: Any
) -> tuple[Figure, Any]:
    """A figure of `width` x `height` inches and its axes, laid out without overlaps."""
    figure = empty_figure(width, height)
    return figure, figure.subplots(rows, columns, **layout)


def no_y_axis(axes: Axes) -> None:
    """Strip the vertical axis of a density, whose height says nothing by itself."""
    axes.set_yticks([])
    axes.tick_params(top=False, which="both")
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)


def rendered(figure: Figure) -> dict[str, bytes]:
    """The bytes of ``png`` (200 dpi), ``pdf`` and ``svg`` of a figure.

    Same figure, same bytes: no dates, no random identifiers.
    """
    content = {}
    with matplotlib.rc_context(RC):
        figure.set_dpi(_DPI)  # layout and PNG then share the formulas already set
        figure.draw_without_rendering()
        figure.set_layout_engine("none")  # laid out once, not once for each format
        # `Figure.savefig` would draw twice for each format, the first time for the layout alone
        for kind, metadata in _METADATA.items():
            figure.set_dpi(_DPI)  # PDF and SVG leave their own behind
            buffer = io.BytesIO()
            _PRINT[kind](figure, buffer, metadata)
            content[kind] = buffer.getvalue()
    content["svg"] = _PATH.sub(_rounded, content["svg"].decode()).encode()
    return content


_PATH = re.compile(r' d="[^"]*"')
_LONG = re.compile(r"-?\d+\.\d{3,}")


def _rounded(path: re.Match[str]) -> str:
    """Coordinates of an outline to 0.01 pt: a third of the file is digits that nobody sees."""
    return _LONG.sub(lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."), path[0])


def few_colours(png: bytes) -> bytes:
    """A PNG in 256 colours, a third of its size; for pictures inside a page."""
    from PIL import Image  # comes with matplotlib

    image = Image.open(io.BytesIO(png)).convert("RGB")
    buffer = io.BytesIO()
    image.quantize(256, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def write_rendered(content: dict[str, bytes], folder: Path, name: str) -> bytes:
    """Write ``name.png`` and ``name.pdf`` to `folder`, and return the SVG."""
    for kind in ("png", "pdf"):
        with atomic_path(folder / f"{name}.{kind}") as path:
            path.write_bytes(content[kind])
    return content["svg"]


def write_figure(figure: Figure, folder: Path, name: str) -> bytes:
    """Write ``name.png`` and ``name.pdf`` to `folder`, and return the SVG; see `rendered`."""
    return write_rendered(rendered(figure), folder, name)
