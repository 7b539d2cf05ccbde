"""JUNO's pictures and files hold the fit's own numbers."""

import csv
import json

import numpy as np
import pytest

from pontecorvo.problems.oscillation.figures import (
    LEVELS,
    forecast_figure,
    regions_figure,
    spectrum_figure,
)
from pontecorvo.problems.oscillation.fit import PUBLISHED, Surface
from pontecorvo.problems.oscillation.forecast import Forecast
from pontecorvo.problems.oscillation.report import fit_section, forecast_section, write_numbers
from pontecorvo.report.figure_data import figure_table


def rows_of(figure, kind):
    lines = [line for line in figure_table(figure, 10**6).splitlines() if line[0] != "#"]
    return [
        (int(p), s, *(float(v) if v else np.nan for v in row))
        for p, s, k, _, *row in list(csv.reader(lines))[1:]
        if k == kind
    ]


@pytest.fixture(scope="module")
def plane():
    """A paraboloid whose minimum, errors and correlation are known."""
    (x, dx), (y, dy) = PUBLISHED["sin2_theta12"], PUBLISHED["dm2_21"]
    first, second = x + dx * np.linspace(-4, 4, 33), y + dy * np.linspace(-4, 4, 33)
    a, b = (first[:, None] - x) / dx, (second[None] - y) / dy
    rho = 0.5
    return Surface(first, second, 60 + (a * a - 2 * rho * a * b + b * b) / (1 - rho**2))


@pytest.fixture
def results(juno, best):
    return [
        Forecast(days, best.theta, best.covariance * 59.1 / days, juno.setting, True)
        for days in (59.1, 400.0)
    ]


def test_wilks_levels_of_two_parameters():
    from scipy.stats import chi2

    for name, level in LEVELS.items():
        assert chi2.cdf(level, 2) == pytest.approx(float(name.split()[0]) / 100, abs=2e-3)


def test_the_spectrum_shows_the_data(juno, best):
    figure = spectrum_figure(juno, best)
    per = 0.1 / np.diff(juno.edges)
    shown = {round(row[3], 3) for row in rows_of(figure, "points") if row[0] == 1}
    assert {round(v, 3) for v in juno.observed() * per} <= {round(v, 3) for v in shown}
    steps = [row for row in rows_of(figure, "bar") if row[0] == 1 and row[1] == "fit"]
    expected, response = juno.expectation(best.theta[None])
    fitted = (expected[0] + response[0] @ best.pulls) * per
    np.testing.assert_allclose([row[4] for row in steps], fitted, rtol=1e-4)


def test_the_regions_hold_the_best_point_and_the_published_ellipse(plane, best):
    figure = regions_figure(plane, best)
    points = [(x, y) for _, _, x, y, *_ in rows_of(figure, "points")]
    assert any(np.allclose(p, (best.theta[0], 1e5 * best.theta[1]), rtol=1e-4) for p in points)
    contours = rows_of(figure, "contour")
    (x, dx) = PUBLISHED["sin2_theta12"]
    widest = max(row[2] for row in contours)
    # 3 sigma of two parameters: sqrt(11.83) errors of one
    assert widest == pytest.approx(x + np.sqrt(LEVELS["99.7 %"]) * dx, rel=1e-3)


def test_errors_fall_with_exposure(results):
    lines = rows_of(forecast_figure(results), "line")
    first = [row[3] for row in lines if "theta" in row[1]]
    truth = results[0].truth[0]
    assert first == pytest.approx([100 * r.errors[0] / truth for r in results], rel=1e-4)


def test_sections_and_files_have_the_same_numbers(juno, best, plane, results, tmp_path):
    section = fit_section(juno, best, plane)
    text = str(section.after)
    value, low, high = plane.interval("sin2_theta12")
    assert f"{value:.4f}" in text
    assert f"+{high - value:.4f} -{value - low:.4f}" in text
    assert f"{best.chi2:.1f}" in text
    assert [figure.name for figure in section.figures] == ["juno-spectrum", "juno-regions"]
    forecast = str(forecast_section(results).after)
    assert f"{results[1].errors[0]:.5f}" in forecast
    write_numbers(tmp_path, juno, best, plane, results)
    content = json.loads((tmp_path / "juno-fit.json").read_text())
    assert content["chi2"] == best.chi2
    assert content["pulls"] == dict(zip(juno.nuisances, best.pulls.tolist(), strict=True))
    assert content["intervals"]["sin2_theta12"] == pytest.approx([value, low, high])
    rows = list(csv.reader((tmp_path / "juno-plane.csv").read_text().splitlines()))
    assert len(rows) == 1 + plane.chi2.size
    assert float(rows[1][2]) == pytest.approx(plane.chi2[0, 0])
    assert len(json.loads((tmp_path / "juno-forecast.json").read_text())) == 2
