"""One look, whatever the user's matplotlib settings are."""

import matplotlib
import pytest

from pontecorvo.report.style import new_figure, rendered, styled, write_figure


@styled
def picture():
    figure, axes = new_figure(3, 2)
    axes.plot([0, 1], [0, 1], label="$\\theta_{23}$ [deg]")
    axes.legend()
    return figure


def test_foreign_settings_change_no_byte():
    plain = rendered(picture())
    foreign = {
        "text.usetex": True,  # no LaTeX here: it would be an error
        **{"axes.grid": True, "savefig.bbox": "tight", "axes.facecolor": "yellow"},
        **{"lines.linestyle": ":", "image.cmap": "gray", "path.sketch": (1, 100, 2)},
    }
    with matplotlib.rc_context(foreign):
        assert rendered(picture()) == plain
        assert matplotlib.rcParams["text.usetex"]  # and the user's settings are theirs again


def test_files_hold_the_bytes_that_were_rendered(tmp_path):
    figure = picture()
    svg = write_figure(figure, tmp_path, "one")
    assert svg.lstrip().startswith(b"<?xml")
    content = rendered(picture())
    assert (tmp_path / "one.png").read_bytes() == content["png"]
    assert (tmp_path / "one.pdf").read_bytes() == content["pdf"]
    assert svg == content["svg"]


def test_a_figure_that_fails_leaves_the_settings_alone():
    @styled
    def broken():
        raise ZeroDivisionError

    before = dict(matplotlib.rcParams)
    with pytest.raises(ZeroDivisionError):
        broken()
    assert dict(matplotlib.rcParams) == before
