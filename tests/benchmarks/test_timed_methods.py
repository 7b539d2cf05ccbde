"""How the benchmark of times judges: marginal gaps, the lowest point, and rows that are kept."""

import sys
from pathlib import Path

import numpy as np
import pytest

from pontecorvo.frequentist.grid_posterior import GridPosterior
from pontecorvo.frequentist.plane import Axis, Plane

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
HELPERS = ("limited", "timed_methods", "sterile_neural_timing")


@pytest.fixture
def benchmarks(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import sterile_neural_timing
    import timed_methods

    yield timed_methods, sterile_neural_timing
    for name in HELPERS:
        sys.modules.pop(name)


class TwinPeaks:
    """-2 ln L of two narrow peaks, the lower one at a node of the grid, the higher between."""

    at = np.array([[-1.0, 0.5], [-1.23, -0.35]])
    height = np.array([10.0, 10.4])

    def marginal(self, s22, dm2, data=None):
        points = np.stack([np.log10(s22), np.log10(dm2)], axis=1)
        squared = (((points[:, None] - self.at) / [0.3, 0.03]) ** 2).sum(axis=2)
        return -2 * np.logaddexp(*(self.height - 0.5 * squared).T)


def grid(shape):
    plane = Plane(Axis("x", np.linspace(-4, 0, shape[0])), Axis("y", np.linspace(-2, 2, shape[1])))
    points = plane.points
    value = TwinPeaks().marginal(10.0 ** points[:, 0], 10.0 ** points[:, 1])
    return GridPosterior(plane, -0.5 * value, 0.0)


def test_the_lowest_point_is_found_between_the_nodes(benchmarks):
    coarse = grid((41, 41))
    node = coarse.plane.points[coarse.log_likelihood.argmax()]
    assert np.linalg.norm(node - TwinPeaks.at[0]) < 1e-6  # the grid alone has the wrong peak
    found = benchmarks[0].lowest(TwinPeaks(), np.empty(0), coarse)
    np.testing.assert_allclose(found, TwinPeaks.at[1], atol=2e-3)


def test_gaps_of_right_and_wrong_draws(benchmarks):
    gap = benchmarks[0].gap
    fine = grid((201, 801))
    rng = np.random.default_rng(3)
    draws = fine.draw(4000, rng)
    assert gap(draws, fine) < 0.03
    one_peak = draws[draws[:, 1] > 0.1]
    assert gap(one_peak, fine) > 0.4
    uniform = np.column_stack([rng.uniform(-4, 0, 40_000), rng.uniform(-2, 2, 40_000)])
    weights = np.exp(fine.log_density_at(uniform))
    assert gap(uniform, fine) > 0.3
    assert gap(uniform, fine, weights / weights.sum()) < 0.06


def test_rows_are_taken_up_and_left_out(benchmarks, tmp_path, capsys):
    module = benchmarks[1]
    timing = module.Timing.__new__(module.Timing)
    timing.effort, timing.folder, timing.rows, timing.taken_up = module.Effort(), tmp_path, {}, []
    timing.bundle = type("Bundle", (), {"folder": tmp_path / "networks"})
    made = []

    def make():
        made.append(1)
        return module.Row({module.ONE: module.Time(180.0, 1, True)}, {"map_gap": 0.5}, "how")

    timing.row("a method", make)
    timing.row("none", lambda: None)
    first = dict(timing.rows)
    timing.rows.clear()
    timing.row("a method", make)
    assert made == [1]
    assert timing.rows == first
    assert timing.taken_up == ["a method"]
    timing.effort = module.QUICK  # other settings: measured anew
    timing.row("a method", make)
    assert made == [1, 1]
    assert "more than 180 s" in capsys.readouterr().out
