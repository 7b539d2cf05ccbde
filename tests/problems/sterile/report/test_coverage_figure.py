import json

import numpy as np
import pytest

from pontecorvo.problems.sterile.report.coverage_figure import (
    coverage_figure,
    other_checks,
    other_line,
)


def check(shift=0.0, failed=(), raw_passes=True):
    grid = np.linspace(0, 1, 101)
    curve = np.clip(grid + shift * np.sin(np.pi * grid), 0, 1).tolist()
    return {
        "networks": "mark",
        "verdict": "10 of 11 diagnostics pass",
        "failed": list(failed),
        "simulations": 1032,
        "raw": [{"name": "TARP", "passed": raw_passes}],
        "coverage_curve": {"weighted": curve, "raw": curve},
    }


def test_checks_of_these_networks_are_found(tmp_path):
    (tmp_path / "coverage.json").write_text(json.dumps({"nre": check(), "dnre": check()}))
    assert list(other_checks(tmp_path, "mark")) == ["nre", "dnre"]
    assert other_checks(tmp_path, "another") == {}


@pytest.mark.parametrize("text", ["", "[1]", '{"nre": 3}', '{"nre": {"networks": "mark"}}'])
def test_damaged_or_missing_files_are_no_checks(tmp_path, text):
    assert other_checks(tmp_path, "mark") == {}
    (tmp_path / "coverage.json").write_text(text)
    assert other_checks(tmp_path, "mark") == {}


def test_failures_are_named():
    line = other_line("snpe-c", check(failed=["expected coverage"], raw_passes=False))
    assert "SNPE-C" in line
    assert "FAILED: expected coverage" in line
    assert "raw draws FAIL: TARP" in line
    assert "FAIL" not in other_line("nre", check())


def test_the_figure_draws_a_pair_of_lines_for_each():
    axes = coverage_figure({"nre": check(), "fmpe": check(0.1)}).axes[0]
    curves = [line for line in axes.lines if len(line.get_ydata()) == 101]
    assert len(curves) == 4
    assert np.abs(curves[0].get_ydata()).max() == pytest.approx(0)
    assert np.abs(curves[2].get_ydata()).max() == pytest.approx(0.1)
