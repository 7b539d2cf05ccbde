"""Figures drawn by workers: the same bytes, and no failure goes unseen."""

import matplotlib
import numpy as np
import pytest

from pontecorvo.report import figure_workers
from pontecorvo.report.page import PageFigure, Section, write_page
from pontecorvo.report.style import new_figure, rendered, styled


class Broken(matplotlib.text.Text):
    """Fails when it is drawn, but not when it is sent."""

    def draw(self, renderer):
        raise RuntimeError("this text cannot be drawn")


@styled
def curve(power):
    figure, axes = new_figure(3, 2)
    x = np.linspace(0.1, 1, 50)
    axes.plot(x, x**power, label=f"$x^{power}$")
    axes.fill_between(x, 0.5 * x**power, x**power, alpha=0.3, rasterized=True)
    axes.set_yscale("log")
    axes.legend()
    return figure


@pytest.fixture
def workers(monkeypatch):
    def choose(count):
        monkeypatch.setenv("PONTECORVO_THREADS", str(count))

    choose(2)
    yield choose
    figure_workers.close()


def test_workers_give_the_bytes_that_are_drawn_here(workers):
    expected = [rendered(curve(power)) for power in range(5)]
    figures = [curve(power) for power in range(5)]
    started = figure_workers.start(figures)
    assert all(drawn is not None and drawn.result() is not None for drawn in started)
    assert [
        figure_workers.finished(f, d) for f, d in zip(figures, started, strict=True)
    ] == expected
    assert expected[1] != expected[2]


def test_workers_know_the_settings_of_the_caller(workers):
    with matplotlib.rc_context({"path.simplify": False, "svg.image_inline": False}):
        settings = {"xtick.major.size": 9.0}
        with matplotlib.rc_context(settings):
            here = [rendered(curve(2))] * 4
            started = figure_workers.start([curve(2) for _ in range(4)])
        assert [drawn.result() for drawn in started] == here


def test_what_cannot_be_sent_or_drawn_elsewhere_is_drawn_here(workers):
    figures = [curve(power) for power in range(4)]
    figures[0].axes[0].xaxis.set_major_formatter(lambda value, _: f"<{value:.1f}>")
    started = figure_workers.start(figures)
    assert started[0] is None
    assert figure_workers.finished(figures[0], started[0])["png"].startswith(b"\x89PNG")
    figure_workers.close()  # whatever was not ready by now
    for figure, drawn in zip(figures, started, strict=True):
        assert figure_workers.finished(figure, drawn) == rendered(figure)


def test_a_dead_worker_is_survived(workers):
    figures = [curve(power) for power in range(6)]
    started = figure_workers.start(figures)
    started[0].result()
    for worker in figure_workers._workers_here._workers:
        worker._process.kill()
    assert all(figure_workers.finished(f, d)["pdf"] for f, d in zip(figures, started, strict=True))


def test_an_error_of_drawing_is_the_callers(workers):
    figures = [curve(power) for power in range(4)]
    figures[3].add_artist(Broken(0.5, 0.5, "x"))
    started = figure_workers.start(figures)
    with pytest.raises(RuntimeError, match="cannot be drawn"):
        figure_workers.finished(figures[3], started[3])


def test_one_thread_and_few_figures_start_nothing(workers):
    assert figure_workers.start([curve(1)]) == [None]
    workers(1)
    assert figure_workers.start([curve(power) for power in range(5)]) == [None] * 5
    assert figure_workers._workers_here is None


def test_a_page_is_the_same_by_any_number_of_workers(workers, tmp_path):
    files = []
    for count in (1, 2, 3):
        workers(count)
        out = tmp_path / str(count)
        items = [PageFigure(f"f{power}", curve(power), "seen", "alt") for power in range(5)]
        write_page(out, "t", "s", ["h"], [Section("A", figures=items[:2]), Section("B"),
                                          Section("C", figures=items[2:])])  # fmt: skip
        assert figure_workers._workers_here is None
        paths = sorted(path for path in out.rglob("*") if path.is_file())
        files.append({path.relative_to(out).as_posix(): path.read_bytes() for path in paths})
    assert files[0] == files[1] == files[2]
    assert len(files[0]) == 16
