"""|U_e4|^2 and m_4 in place of sin^2 2theta and dm2: maps, prior, figures, tables."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.integrate import quad

from pontecorvo.base.errors import InputError
from pontecorvo.frequentist.contours import Contour
from pontecorvo.problems.sterile.cli.scan_table import read_points
from pontecorvo.problems.sterile.plane_coordinates import (
    COLUMNS,
    MIXING,
    SIN2,
    MixingScale,
    check_choice,
    log_prior_ratio,
    mixing_of,
    plane_points,
    s22_of,
    shown,
    shown_in,
    shown_points,
    write_shown,
)
from pontecorvo.problems.sterile.problem import SterileProblem
from pontecorvo.problems.sterile.report.plane_style import plane_axes, style
from pontecorvo.problems.sterile.settings import SterileSettings
from pontecorvo.report.style import empty_figure


@given(st.floats(-8, np.log10(0.499)), st.floats(-1, 1))
def test_there_and_back(x, y):
    points = np.array([[x, y]])
    back = shown_points(plane_points(points, MIXING), MIXING)
    assert_allclose(back, points, rtol=1e-9, atol=1e-9)
    assert_allclose(s22_of(mixing_of(10.0**x)), 10.0**x, rtol=1e-12)
    assert np.array_equal(plane_points(points, SIN2), points)


def test_small_mixing_keeps_its_digits():
    assert_allclose(mixing_of(np.array([1e-12, 4e-4])), [2.5e-13, 1.00010002e-4], rtol=1e-8)
    assert mixing_of(1.0) == 0.5


def test_prior_ratio_is_the_jacobian():
    """A density flat in log10 |U_e4|^2, in the logarithm of s22: normalised, and its slope."""
    for s22 in (1e-4, 0.1, 0.8, 0.99):
        step = 1e-6
        ends = mixing_of(np.array([s22 * np.exp(-step), s22 * np.exp(step)]))
        slope = np.log(ends[1] / ends[0]) / (2 * step)
        assert float(log_prior_ratio(np.array(s22))) == pytest.approx(np.log(slope), abs=1e-6)
    low = 1e-4
    area = quad(lambda t: np.exp(log_prior_ratio(np.array(1 - t**2))) * 2 * t / (1 - t**2),
                0, np.sqrt(1 - low))[0]  # fmt: skip
    assert area == pytest.approx(np.log(0.5 / mixing_of(low)), rel=1e-6)


def test_problem_knows_the_other_prior():
    problem = SterileProblem(SterileSettings(experiments="solar", data="none"))
    (ratio,) = problem.prior_alternatives().values()
    theta = np.array([[-3.0, 0.0], [np.log10(0.9), 1.0]])
    predicted = problem.target.model.predict(theta)
    assert_allclose(predicted["m_4"], [1.0, 10**0.5])
    found = ratio(theta, predicted)
    assert found[1] - found[0] == pytest.approx(
        np.log((1 - predicted["U_e4_squared"][1]) / np.sqrt(0.1)), abs=1e-3
    )


def test_contours_are_written_in_them(tmp_path):
    lines = [Contour("wilks", 0.9, np.array([[np.log10(0.36), 0.0], [0.0, 2.0]]))]
    assert shown() == SIN2
    with shown_in(MIXING):
        write_shown(tmp_path / "c.csv", lines)
    assert shown() == SIN2
    rows = list(csv.DictReader(io.StringIO((tmp_path / "c.csv").read_text())))
    logs, values = COLUMNS[MIXING]
    assert [float(row[values[0]]) for row in rows] == pytest.approx([0.1, 0.5])
    assert [float(row[values[1]]) for row in rows] == pytest.approx([1.0, 10.0])
    assert float(rows[0][logs[0]]) == pytest.approx(-1.0, abs=1e-5)
    write_shown(tmp_path / "s.csv", lines)
    text = (tmp_path / "s.csv").read_text()
    assert float(next(csv.DictReader(io.StringIO(text)))["sin2_2theta"]) == 0.36


def test_axes_are_labelled_in_them():
    with style(), shown_in(MIXING):
        figure = empty_figure(3, 3)
        axes = figure.subplots()
        plane_axes(axes)
        axes.plot([s22_of(0.01)], [4.0], "o")
        figure.canvas.draw()
        assert axes.get_xlabel() == "$|U_{e4}|^2$"
        ticks = dict(zip(axes.get_xticks(), [t.get_text() for t in axes.get_xticklabels()],
                         strict=True))  # fmt: skip
        assert ticks[float(s22_of(0.01))] == "$10^{-2}$"
        # decades of the mixing are equally far apart
        decades = [(float(s22_of(10.0**k)), 1.0) for k in (-3, -2, -1)]
        place = axes.transData.transform(decades)[:, 0]
        assert np.diff(place)[0] == pytest.approx(np.diff(place)[1])
    scale = MixingScale()
    assert scale.inverse(scale.forward(0.3)) == pytest.approx(0.3)


def test_scan_reads_them(tmp_path):
    table = tmp_path / "points.csv"
    table.write_text("log10_ue4_squared,log10_m4,tag\n-1,0.5,a\n")
    _, _, values = read_points(table, MIXING)
    assert_allclose(values, [[np.log10(0.36), 1.0]])
    with pytest.raises(InputError, match="column 'log10_s22' is missing"):
        read_points(table)
    table.write_text("log10_ue4_squared,log10_m4\n-0.1,0.5\n")
    with pytest.raises(InputError, match=r"at most 0\.5"):
        read_points(table, MIXING)
    with pytest.raises(InputError, match="axes 'x' are unknown"):
        check_choice("x")
