"""A report page: a headline, some tiles of numbers, and sections of text, tables and figures.

The result is one HTML file that needs no network and holds no script, so that it opens anywhere
and nothing in it can run: styles inside, figures as SVG, and behind each figure links that hold
its SVG, its PNG (256 colours) and the data that it shows (CSV). Every figure is also written to
``figures/`` as PNG, PDF and CSV.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from markupsafe import Markup
from matplotlib.figure import Figure

from .. import __version__
from ..base.files import write_text
from ..base.progress import progress
from . import figure_workers
from .figure_data import figure_table
from .math_svg import paragraphs, rich_text
from .style import few_colours, write_rendered


@dataclass(frozen=True)
class PageFigure:
    """A figure with its caption.

    Attributes:
        name: Stem of its files in ``figures/``.
        figure: The matplotlib figure.
        caption: What is seen and what is not; ``$...$`` is set as a formula.
        alt: One sentence for those who cannot see it.
        main: To be seen on the first screen, instead of the page's first figure.
        drawn: Its files' bytes, where a worker has begun to draw it.
    """

    name: str
    figure: Figure
    caption: str
    alt: str
    main: bool = False
    drawn: figure_workers.Drawn | None = None


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes:
        title: Heading.
        body: Text before the figures. A plain string is escaped, split into paragraphs at blank
            lines, and ``$...$`` set as formulas; `Markup` is taken as HTML.
        figures: Figures, in order.
        after: Text or `Markup` after the figures.
    """

    title: str
    body: str | Markup = ""
    figures: Sequence[PageFigure] = ()
    after: str | Markup = ""

    @property
    def anchor(self) -> str:
        """Identifier of the section within the page."""
        return "-".join("".join(c if c.isalnum() else " " for c in self.title.lower()).split())


@dataclass(frozen=True)
class Tile:
    """A number to be seen at once: what it is, the number, and a word on it."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Verdict:
    """What is to be seen first: may this be used?

    Attributes:
        state: ``good``, ``bad``, or ``plain`` where there is nothing to judge.
        text: A few words.
        rows: What it rests on: a name, and one line.
    """

    state: str
    text: str
    rows: Sequence[tuple[str, str]] = ()


def table(headers: Sequence[object], rows: Sequence[Sequence[object]], classes: str = "") -> Markup:
    """An HTML table; cells are escaped, and ``$...$`` set as formulas."""
    head = Markup("").join(Markup("<th>{}</th>").format(rich_text(cell)) for cell in headers)
    body = Markup("\n").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(
                Markup('<td data-head="{}">{}</td>').format(
                    rich_text(head).striptags(), rich_text(cell)
                )
                for head, cell in zip(headers, row, strict=True)
            )
        )
        for row in rows
    )
    return Markup(
        '<div class="scroll"><table class="{}"><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>"
    ).format(classes, head, body)


def definitions(pairs: Sequence[tuple[object, object]]) -> Markup:
    """A list of names and values."""
    rows = Markup("").join(
        Markup("<dt>{}</dt><dd>{}</dd>").format(rich_text(name), rich_text(value))
        for name, value in pairs
    )
    return Markup("<dl>{}</dl>").format(rows)


def begin_figures(sections: Sequence[Section]) -> list[Section]:
    """The same sections, their figures being drawn by workers while the caller goes on.

    `write_page` waits for them. A figure must not be changed any more.
    """
    waiting = [item for section in sections for item in section.figures if item.drawn is None]
    started = dict(
        zip(map(id, waiting), figure_workers.start([item.figure for item in waiting]), strict=True)
    )
    return [
        replace(
            section,
            figures=[
                replace(item, drawn=started.get(id(item), item.drawn)) for item in section.figures
            ],
        )
        for section in sections
    ]


def write_page(
    out: Path,
    title: str,
    subtitle: str,
    headline: Sequence[str],
    sections: Sequence[Section],
    tiles: Sequence[Tile] = (),
    accent: str = "#0b5f9e",
    warning: str = "",
    verdict: Verdict | None = None,
) -> Path:
    """Write ``report.html`` and ``figures/`` to `out`.

    Args:
        out: Folder, which exists.
        title: Title of the page.
        subtitle: One line below it.
        headline: The answer in three to five sentences.
        sections: What follows.
        tiles: Numbers shown large.
        accent: Colour of rules and links.
        warning: A sentence shown in a box before everything else.
        verdict: Shown on the first screen, with the first figure of the sections beside the tiles.

    Returns:
        Path of the page.
    """
    drawn = {}
    main: PageFigure | None = None
    try:
        sections = begin_figures(sections)
        figures = [item for section in sections for item in section.figures]
        with progress("draw figures", len(figures)) as advance:
            for number, item in enumerate(figures, 1):
                data = figure_table(item.figure)  # before it is drawn, here or elsewhere
                content = figure_workers.finished(item.figure, item.drawn)
                place = _embedded(item, content, data, out / "figures")
                drawn[id(item)] = {"number": number, **place}
                advance()
    finally:
        figure_workers.close()
    if verdict is not None and figures:
        main = next((item for item in figures if item.main), figures[0])
        sections = _without(sections, main)
    html = (
        _environment()
        .get_template("page.html")
        .render(
            title=title,
            subtitle=subtitle,
            headline=headline,
            sections=sections,
            tiles=tiles,
            drawn=drawn,
            main=main,
            verdict=verdict,
            accent=accent,
            warning=warning,
            version=__version__,
        )
    )
    path = out / "report.html"
    write_text(path, html)
    return path


def _embedded(
    item: PageFigure, content: dict[str, bytes], data: str, folder: Path
) -> dict[str, Any]:
    """Write a figure's files, and give what its place on the page needs."""
    svg = write_rendered(content, folder, item.name)
    write_text(folder / f"{item.name}.csv", data)
    return {
        "svg": Markup(data_uri("image/svg+xml", svg)),
        "png": Markup(data_uri("image/png", few_colours(content["png"]))),
        "csv": Markup(data_uri("text/csv", data.encode())),
    }


def data_uri(kind: str, content: bytes) -> str:
    """Bytes as an address that holds them."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _without(sections: Sequence[Section], main: PageFigure) -> list[Section]:
    """The sections without the main picture; what is then empty is left out."""
    kept = [
        replace(section, figures=[item for item in section.figures if item is not main])
        for section in sections
    ]
    return [one for one in kept if one.figures or one.body or one.after]


def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("pontecorvo.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["rich"] = rich_text
    environment.filters["paragraphs"] = paragraphs
    environment.filters["figure_id"] = id
    return environment
