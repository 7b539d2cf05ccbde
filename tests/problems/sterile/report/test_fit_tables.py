"""Tables and figures of the sterile report: their numbers are those of the fits."""

import csv
from types import SimpleNamespace

import numpy as np
import pytest

from pontecorvo.problems.sterile.experiment_registry import load_experiments
from pontecorvo.problems.sterile.fits import Settings, sets_of
from pontecorvo.problems.sterile.report.data_figures import data_figure, errors_of
from pontecorvo.problems.sterile.report.fit_tables import FIT_HEAD, fit_rows, write_csv
from pontecorvo.problems.sterile.report.neural_section import _limits, tension_rows
from pontecorvo.problems.sterile.report.nuisance_section import pull_rows
from pontecorvo.problems.sterile.report.plane_figures import methods_figure, region
from pontecorvo.problems.sterile.report.plane_style import (
    ESTIMATOR_COLOURS,
    estimator_titles,
    style,
)


@pytest.fixture(scope="module")
def fits():
    small = Settings(shape=(8, 8), tail_trials=1000, goodness_trials=1000, posterior_shape=(31, 61))
    return sets_of(load_experiments("gallex,best,solar"), small)


def test_rows_are_the_fits_numbers(fits, tmp_path):
    rows = fit_rows({"best": fits["best"]})
    by = dict(zip(FIT_HEAD, rows[0], strict=True))
    assert by["set"] == "BEST"
    assert float(by["chi2_best"]) == pytest.approx(fits["best"].best.chi2, abs=0.006)
    path = write_csv(tmp_path / "fits.csv", FIT_HEAD, rows)
    with path.open() as stream:
        assert list(csv.reader(stream)) == [list(FIT_HEAD), *rows]


def test_regions_hold_the_best_fit_and_figures_the_sets(fits):
    fit = fits["best"]
    for method in ("wilks", "bayes"):
        plane, margin = region(fit, method, 0.95)
        nearest = np.argmin(((plane.points - [fit.best.x, fit.best.y]) ** 2).sum(axis=1))
        assert margin[nearest] < 0
    with pytest.raises(ValueError, match="no belt"):
        region(fit, "feldman-cousins", 0.95)
    figure = methods_figure(fits, {}, (0.68, 0.95))
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert {"Gallium, 95 %", "Solar, 95 %"} <= set(labels)
    assert "joint best fit" in labels


def test_data_are_drawn_with_their_errors(fits):
    experiment = fits["best"].experiments[0]
    np.testing.assert_allclose(errors_of(experiment), np.sqrt(np.diag(experiment.covariance())))
    axes = data_figure(experiment, fits["best"].best).axes[0]
    drawn = axes.containers[0].lines[0].get_xdata()
    np.testing.assert_allclose(drawn, experiment.data)
    assert [t.get_text() for t in axes.get_yticklabels()] == list(experiment.blocks[0].labels)


def test_what_the_networks_do_not_know_is_one_sentence():
    result = SimpleNamespace(left_out={}, other_settings=())
    assert _limits(result) == []
    unknown = "the networks have not seen it"
    result = SimpleNamespace(
        left_out={"a": unknown, "b": unknown, "c": "other"}, other_settings=("n",)
    )
    said = _limits(result)
    assert said[0].startswith(f"Left out: a, b ({unknown}); c (other);")
    assert said[1].startswith("The networks were trained with other settings of n.")
    tension = SimpleNamespace(names=("x", "y"), exact=-1.234, log_r={"fmpe": -1.2})
    assert tension_rows(SimpleNamespace(tensions=[tension])) == [
        ["x - y", "-1.23", "-1.20", "", "", ""]
    ]


def test_pulls_are_means_under_the_weights():
    points = np.array([[-1.0, 0.0, 2.0], [-2.0, 1.0, -1.0]])
    weights = SimpleNamespace(weights=np.array([0.75, 0.25]))
    row = pull_rows(("x", "y", "pull"), SimpleNamespace(weights=weights, points=points))[0]
    assert row[:3] == ["pull", "1.25", "1.30"]


def test_every_estimator_has_a_colour_and_figures_their_own_type():
    import matplotlib

    assert set(ESTIMATOR_COLOURS) <= set(estimator_titles())
    before = matplotlib.rcParams["font.size"]
    with style():
        assert matplotlib.rcParams["font.size"] == 9
    assert matplotlib.rcParams["font.size"] == before
