"""Curves over the region of a run, each labelled as a curve (`report/curves_figure.py`)."""

from pontecorvo.problems.sterile.curves import MARKS, shipped_curves
from pontecorvo.problems.sterile.experiment_registry import load_experiments
from pontecorvo.problems.sterile.fits import Settings, sets_of
from pontecorvo.problems.sterile.report.curves_figure import curves_section

SMALL = Settings(shape=(9, 9), between=1, tail_trials=1000, posterior_shape=(31, 41), seed=3)


def test_every_curve_has_its_name_and_none_is_called_a_fit():
    fits = sets_of(load_experiments("gallium"), SMALL)
    curves = shipped_curves()
    section = curves_section(fits, {}, curves)
    (shown,) = section.figures
    axes = shown.figure.axes[0]
    labels = axes.get_legend_handles_labels()[1]
    assert [f"{curve.title} (curve)" for curve in curves] == labels[: len(curves)]
    assert labels[-1] == MARKS[0].title
    assert "no likelihood" in shown.caption
    assert "Wilks" in shown.caption
