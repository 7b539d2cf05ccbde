"""Phases that no observable knows: their density is normalised, and they are spread evenly."""

import numpy as np
import pytest

from pontecorvo import load_study
from pontecorvo.problems.seesaw.gauge_phases import LATTICE, PHASES, draw_phases, lattice


def test_the_lattice_fills_the_torus_more_evenly_than_chance():
    points = lattice(LATTICE)
    assert points.shape == (LATTICE, PHASES)
    assert ((points >= 0) & (points < 1)).all()
    chance = np.random.default_rng(0).random((LATTICE, PHASES))
    # the mean of a smooth function: its error falls faster than one over the root of the size
    wave = 1 + np.cos(2 * np.pi * points).prod(axis=1)
    other = 1 + np.cos(2 * np.pi * chance).prod(axis=1)
    assert abs(wave.mean() - 1) < 0.2 * other.std() / np.sqrt(LATTICE)
    for column in points.T:
        assert np.diff(np.sort(column)).max() < 4 / LATTICE


@pytest.fixture(scope="module")
def drawn():
    """Three points of the chart, each 4,000 times, with drawn phases and their log-density."""
    chart = load_study("seesaw-no").target.chart
    rng = np.random.default_rng(4)
    u = rng.random((2000, 23))
    good = np.flatnonzero(np.isfinite(chart.to_parameters(u)[1]))[:3]
    u = np.repeat(u[good], 4000, axis=0)
    observables = np.stack([w.value(u[:, i])[0] for i, w in enumerate(chart.windows)], axis=1)
    phases, log_density = np.empty((len(u), PHASES)), np.empty(len(u))
    random = rng.random((len(u), 6))
    draw_phases(
        u, observables, *chart.kernel_settings, lattice(LATTICE), random, phases, log_density
    )
    return u, observables, chart, phases.reshape(3, -1, PHASES), log_density.reshape(3, -1)


def test_the_density_is_normalised(drawn):
    """The mean of one over the density is the volume of its support: the whole torus here."""
    _, _, _, phases, log_density = drawn
    assert ((phases >= 0) & (phases < 1)).all()
    finite = np.isfinite(log_density)
    assert finite.all()
    inverse = np.exp(-log_density)
    error = inverse.std(axis=1) / np.sqrt(inverse.shape[1])
    assert (np.abs(inverse.mean(axis=1) - 1) < 5 * error + 1e-3).all()
    assert (np.exp(log_density).max(axis=1) > 1.2).all(), "it is not flat"


def test_points_that_leave_no_room_have_no_density(drawn):
    u, observables, chart, _, _ = drawn
    low, tight = u[:5].copy(), list(chart.kernel_settings)
    tight[3] = 1e-8  # no Yukawa so small gives a mass so large
    phases, log_density = np.empty((5, PHASES)), np.empty(5)
    random = np.random.default_rng(1).random((5, 6))
    draw_phases(low, observables[:5], *tight, lattice(64), random, phases, log_density)
    assert np.isneginf(log_density).all()
