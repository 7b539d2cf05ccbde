"""Sections of a report: how far, how made, which numbers; and a certificate's figures."""

import csv
import re

import numpy as np
import pytest
from markupsafe import Markup

from pontecorvo.base.files import sha256
from pontecorvo.base.quantiles import circular_mean, weighted_quantiles
from pontecorvo.diagnostics.certificate import Check
from pontecorvo.diagnostics.verdict import Verdict
from pontecorvo.report import comparison
from pontecorvo.report.certificate_figures import (
    classifier_figure,
    curves_figure,
    figures_of,
    slices_figure,
)
from pontecorvo.report.figure_data import figure_table
from pontecorvo.report.how_made import display, how_made_section
from pontecorvo.report.interval_table import has_angles, interval_table
from pontecorvo.report.posterior_sample import Sample
from pontecorvo.report.reliability import trust_section, within_three_sigma


def rows_of(figure, kind):
    """Rows (panel, series, x, y) of a kind that a figure shows."""
    lines = [line for line in figure_table(figure, 10**6).splitlines() if line[0] != "#"]
    table = list(csv.reader(lines))[1:]
    return [(int(p), s, *map(float, row[:2])) for p, s, k, _, *row in table if k == kind]


def spaced(text):
    return str(text).replace("\xa0", " ")


# how far


def test_within_three_sigma_is_the_posteriors_share(seesaw_no, toy):
    for run in (seesaw_no, toy):
        sample = Sample(run.target, run.groups)
        stored = run.groups["predictions"]
        names = run.target.measurement.names
        x = np.stack([stored[name].values.ravel() for name in names], axis=1)
        inside = run.target.measurement.within_three_sigma(x)
        expected = sample.weight[inside].sum()
        assert within_three_sigma(run.target, run.groups, sample) == pytest.approx(expected)
    lacking = {**toy.groups, "predictions": toy.groups["predictions"].drop_vars("r2")}
    assert within_three_sigma(toy.target, lacking, sample) is None


def test_three_fractions_with_three_names(seesaw_no):
    sample = Sample(seesaw_no.target, seesaw_no.groups)
    summary = seesaw_no.summary | {
        "method": "network",
        "raw_acceptance": 0.125,
        "closure": {"within_three_sigma": 0.75, "max_log_likelihood_change": 0.5},
        "reference": {
            "draws": 400, "method": "exact", "log_evidence": -1.0, "log_evidence_error": 0.25,
            "log_evidence_difference_in_sigma": 2.5,
            "largest_distance": {"prediction": "m_ee", "over_its_95_percent_point": 0.5},
        },
        "networks": [{"network": "net", "line": "certified: all"}],
        "method_notes": {"k_hat": 0.25, "warning": "not shown here"},
        "converged": False,
    }  # fmt: skip
    section = trust_section(seesaw_no.target, seesaw_no.groups, summary, sample)
    body = spaced(section.body)
    for text in (
        "12.50 %",
        "75 %",
        "Closure",
        "2.5 sigma apart",
        "m_ee differs most",
        "0.50 of",
    ):
        assert text in body, text
    for text in ("Pareto k-hat", "certified: all", "A network is a small neural density", "NO"):
        assert text in body, text
    assert "not shown here" not in body
    kish = round(1 / np.sum(sample.weight**2))
    assert f"from the unequal weights alone: {kish}" in body
    assert "this method gives none" in str(
        trust_section(
            seesaw_no.target, seesaw_no.groups, {**summary, "log_evidence": None}, sample
        ).body
    )


# how made


def test_prior_likelihood_and_files_are_written_down(seesaw_no, toy, tmp_path):
    (tmp_path / "settings.yaml").write_text("study: <b>mine</b>\n")
    (tmp_path / "posterior.nc").write_bytes(b"draws")
    section = how_made_section(tmp_path, toy.target, {"method": "smc", "seconds": {"draw": 1.5}})
    body = str(section.body)
    for text in ("uniform in [−2, 2] eV", "normal, mean 0, sigma 1", ", a circle", "draw 1.5"):
        assert text in body, text
    assert "Measured values: invented." in body
    assert "study: &lt;b&gt;mine&lt;/b&gt;" in body
    assert sha256(tmp_path / "posterior.nc") in body
    assert "Forward map" not in body
    with_map = how_made_section(tmp_path, toy.target, {}, Markup("<p>the map</p>"))
    assert "Forward map" in str(with_map.body)
    seesaw = str(how_made_section(tmp_path, seesaw_no.target, {}).body)
    assert "uniform in [12, 17]" in seesaw
    assert "in ascending order" in seesaw
    assert "23 parameters" in seesaw
    assert str(display("x<y")).startswith('<div class="display">')


# which numbers


def test_intervals_are_weighted_quantiles(toy):
    sample = Sample(toy.target, toy.groups)
    html = spaced(interval_table(sample, {**sample.predictions, **sample.parameters}))
    low, middle, high = weighted_quantiles(
        toy.groups["predictions"]["r2"].values.ravel(), sample.weight, np.array([0.16, 0.5, 0.84])
    )
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", part) for part in html.split("<tr>")[2:]]
    first = rows[0]
    assert float(first[1].replace("−", "-")) == pytest.approx(middle, abs=0.006)
    ends = [float(x) for x in first[2].replace("−", "-").split(" – ")]
    assert ends == pytest.approx([low, high], abs=0.006)
    assert [float(x) for x in re.findall(r"[\d.]+", first[-2])][:3] == [1, 0.2, 0.3]
    assert has_angles(sample.parameters)
    assert not has_angles(sample.predictions)
    angle = next(part for part in html.split("<tr>") if "mean direction" in part)
    mean, length = circular_mean(sample.variables()["phi"], sample.weight)
    assert f"mean direction {np.degrees(mean):.0f}, R = {length:.2f}" in angle


# a comparison of models


def test_the_comparison_shows_bayes_factors_with_errors(monkeypatch, tmp_path):
    drawn = []
    monkeypatch.setattr(
        comparison, "write_figure", lambda figure, folder, name: drawn.append(figure)
    )
    rows = [
        {"model": "best", "log_bayes_factor": 0.0, "log_evidence": -3.0, "log_evidence_error": 0.5,
         "converged": True, "log_evidence, other": -4.0},
        {"model": "worse", "log_bayes_factor": -2.5, "log_evidence": -5.5,
         "log_evidence_error": 0.25, "converged": False, "log_evidence, other": -3.5},
    ]  # fmt: skip
    comparison.comparison_figure(rows, tmp_path)
    (figure,) = drawn
    points = {(x, y) for _, _, x, y in rows_of(figure, "points")}
    assert {(0.0, 0.0), (-2.5, 1.0)} <= points
    other = {(x, int(y)) for _, series, x, y in rows_of(figure, "points") if series == "other"}
    assert other == {(-1.0, 0), (-0.5, 1)}, "under the other prior, against the best"
    (axes,) = figure.axes
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["best", "worse"]
    assert axes.get_ylim()[0] > axes.get_ylim()[1], "the best on top"


# a certificate


def curve(name, offset=0.0):
    grid = np.linspace(0.1, 0.9, 9)
    arrays = {"grid": grid, "ecdf": (grid + offset)[None], "lower": grid - 0.1, "upper": grid + 0.1}
    return Verdict(name, 0.5, (0.01, 1.0), True, "fine", arrays=arrays)


def test_curves_are_deviations_from_uniform():
    figure = curves_figure([(curve("TARP", 0.05), curve("TARP", -0.02)), (curve("pulls"), None)])
    lines = rows_of(figure, "line")
    assert {round(y, 6) for p, _, x, y in lines if p == 1 and 0.05 < x < 0.95} == {0.05, -0.02}
    assert {round(y, 6) for p, _, x, y in lines if p == 2 and 0.05 < x < 0.95} == {0.0}
    assert all(y == 0 for _, _, x, y in lines if x in (0.0, 1.0))


def test_slices_and_classifier():
    slices = {"a": {"p_values": [0.5, 0.001], "edges": [0, 1, 2]}}
    verdict = Verdict("calibration by slice", 0.1, (0.01, 1), True, "", values={"slices": slices})
    found = rows_of(slices_figure(verdict, None), "points")
    assert [(x, y) for _, _, x, y in found] == [(0.0, 0.5), (1.0, 0.001)]
    scores = {"score_x": np.array([0.2, 0.4]), "score_y": np.array([0.6, 0.8]),
              "weight_x": np.array([0.5, 0.5]), "weight_y": np.array([0.25, 0.75])}  # fmt: skip
    figure = classifier_figure([Verdict("C2ST, parameters", 0.5, (0, 1), True, "", arrays=scores)])
    assert figure.axes[0].get_title("left") == "parameters"
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == [
        "exact",
        "the run's",
    ]


def test_a_check_has_the_figures_that_its_verdicts_allow():
    check = Check("a network", [curve("TARP"), curve("pulls")], [curve("TARP")], {})
    (only,) = figures_of(check, "s")
    assert only.name == "s-curves"
    assert only.caption.startswith("a network. ")
    assert figures_of(Check("none", [Verdict("closure", 0, (0, 1), True, "")], [], {}), "s") == []
