"""The table behind a figure has the numbers that the figure shows."""

import csv

import numpy as np

from pontecorvo.report.figure_data import (
    HEAD,
    MOST_ROWS,
    figure_table,
    hide_series,
    name_axes,
    name_series,
)  # fmt: skip
from pontecorvo.report.posterior_sample import Column
from pontecorvo.report.regions import draw_histogram, draw_regions
from pontecorvo.report.style import new_figure, rendered, styled


def read(figure):
    text = figure_table(figure)
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines))
    assert tuple(rows[0]) == HEAD
    return text, rows


def of(rows, **want):
    found = [row for row in rows if all(row[k] == v for k, v in want.items())]
    return np.array([[float(row[k] or "nan") for k in ("x", "y", "value")] for row in found])


def test_lines_points_bars_and_bands():
    figure, axes = new_figure(4, 3)
    axes.set(xlabel="mass [eV]", ylabel="rate")
    axes.plot([1, 2, 3], [4, 5, 6], label="theory")
    axes.plot([1, 2], [3, 4], "o", label="=data")
    axes.axvline(2.5, label="limit")
    axes.axhspan(1, 2, label="band")
    axes.bar([1.0], [7.0], width=0.5)
    text, rows = read(figure)
    assert text.startswith("# panel 1: x = mass [eV]; y = rate\n")
    assert of(rows, series="theory")[:, :2].tolist() == [[1, 4], [2, 5], [3, 6]]
    assert of(rows, series="'=data", kind="points")[:, :2].tolist() == [[1, 3], [2, 4]]
    assert of(rows, series="limit", kind="vertical line")[0, 0] == 2.5
    assert of(rows, series="band", kind="horizontal band")[:, 1].tolist() == [1, 2]
    assert of(rows, kind="bar").tolist() == [[0.75, 1.25, 7.0]]


def test_regions_hold_what_their_names_say():
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((2, 4000))
    figure, axes = new_figure(4, 4)
    columns = Column("x", x), Column("y", y)
    weight, ends = np.full(4000, 1 / 4000), ((-4, 4), (-4, 4))
    draw_regions(axes, *columns, weight, ends, "#0b5f9e", name="posterior")
    _, rows = read(figure)
    for share in (0.68, 0.95):
        outline = of(rows, series=f"{100 * share:.0f} % region of posterior", kind="contour")
        radius = np.hypot(outline[:, 0], outline[:, 1])
        truth = np.sqrt(-2 * np.log(1 - share))  # of a normal in two dimensions
        assert abs(np.median(radius) - truth) < 0.2


def test_a_histogram_is_there_once_and_normalised():
    x = np.random.default_rng(1).random(500)
    figure, axes = new_figure(4, 3)
    draw_histogram(axes, Column("x", x), np.full(500, 1 / 500), (0, 1), "#0b5f9e", name="posterior")
    _, rows = read(figure)
    bars = of(rows, series="posterior", kind="bar")
    assert len(bars) == len(rows)
    assert np.isclose(np.sum(bars[:, 2] * (bars[:, 1] - bars[:, 0])), 1, rtol=1e-5)


def test_long_curves_are_thinned_and_it_is_said():
    figure, axes = new_figure(4, 3)
    x = np.linspace(0, 1, 10 * MOST_ROWS)
    axes.plot(x, x)
    text, rows = read(figure)
    assert len(rows) <= MOST_ROWS + 1
    assert "every 10th is here" in text
    assert of(rows)[-1, 0] == 1


def test_names_shared_axes_and_what_is_hidden():
    figure, (left, right) = new_figure(6, 3, 1, 2, sharey=True)
    left.set_ylabel("m [eV]")
    name_series(left.plot([1], [1])[0], "one")
    hide_series(left.plot([2], [2])[0])
    right.plot([3], [3])
    text, rows = read(figure)
    assert [row["series"] for row in rows] == ["one", ""]
    assert "# panel 2: x = -; y = m [eV]" in text
    name_axes(right, "a", "b")
    assert "# panel 2: x = a; y = b" in figure_table(figure)


def test_drawing_changes_nothing_of_it():
    figure, axes = new_figure(4, 3)
    axes.scatter([1, 2], [3, 4])
    axes.fill_between([0, 1], [0, 1], [1, 2])
    before = figure_table(figure)
    rendered(figure)
    assert figure_table(figure) == before


def test_titles_of_panels_are_told_wherever_they_stand():
    @styled
    def draw():
        figure, (left, right) = new_figure(4, 2, 1, 2)
        left.plot([0, 1], [0, 1])
        left.set_title("in the house style")
        right.plot([0, 1], [0, 1])
        right.set_title("in the middle", loc="center")
        return figure

    text = figure_table(draw())
    assert "# panel 1: x = -; y = -; title: in the house style\n" in text
    assert "title: in the middle\n" in text
