"""KARMEN and LSND against the analysis they follow."""

import numpy as np
import pytest
from scipy.optimize import minimize

from pontecorvo.base.errors import InputError
from pontecorvo.problems.sterile.experiment_registry import (
    Setting,
    load_experiment,
    load_experiments,
)
from pontecorvo.problems.sterile.experiments.carbon import DAMPING, phase_average
from pontecorvo.problems.sterile.linear import group_chi2
from pontecorvo.problems.sterile.templates import dm2_axis

NULL = np.zeros(1), np.ones(1)


@pytest.fixture(scope="module")
def both():
    return load_experiments("karmen,lsnd")


def plane(experiments, s22=61, dm2=121):
    grid = np.meshgrid(np.linspace(0, 0.6, s22), np.geomspace(0.1, 100, dm2), indexing="ij")
    chi2 = group_chi2(experiments, grid[0].ravel(), grid[1].ravel()).reshape(grid[0].shape)
    return *grid, chi2


def test_data_and_expectation(both):
    karmen, lsnd = both
    assert karmen.data.sum() == 860
    assert karmen.background.sum() == pytest.approx(13.9, abs=0.01)
    assert lsnd.data.tolist() == [142, 206, 201, 132, 53, 2]
    assert karmen.signal(*NULL).sum() == pytest.approx(815.1, abs=0.1)
    assert lsnd.signal(*NULL).sum() == pytest.approx(758.0, abs=0.1)


def test_minimum_near_the_reference(both):
    s22, dm2, chi2 = plane(both)
    at = np.unravel_index(chi2.argmin(), chi2.shape)
    assert dm2[at] == pytest.approx(8, rel=0.06)
    assert s22[at] == pytest.approx(0.10, abs=0.02)
    null = group_chi2(both, *NULL)[0]
    assert null == pytest.approx(35.65, abs=0.02)
    assert 0.3 < null - chi2.min() < 1.0


def test_shape_along_the_reference_curve(both):
    # chi2 at s22 = 0.1 minus chi2 without oscillation, of the analysis of arXiv:1303.3011
    dm2 = np.array([1.204, 2.384, 4.077, 5.464, 6.974, 8.073, 8.901, 9.346, 10.82, 13.81, 97.2])
    theirs = [-0.33, 0.49, 2.38, 0.63, -0.07, -0.56, -0.13, 0.54, 1.98, -0.35, 0.24]
    ours = group_chi2(both, np.full(len(dm2), 0.1), dm2) - group_chi2(both, *NULL)
    # ours adds the detectors' lengths, which flattens the curve at high dm2
    np.testing.assert_allclose(ours, theirs, atol=0.2, rtol=0.35)


def test_rate_of_karmen_with_lsnd():
    # 4.18 without oscillation in that analysis
    experiments = load_experiments("karmen,lsnd", Setting(options=(("karmen.data", "rate"),)))
    assert experiments[0].size == 1
    assert group_chi2(experiments, *NULL)[0] == pytest.approx(4.18, abs=0.15)


def test_profile_over_three_pulls_against_a_minimiser(both):
    rng = np.random.default_rng(11)
    s22, dm2 = rng.random(6) * 0.9, 10 ** rng.uniform(-1, 2, 6)
    ours = group_chi2(both, s22, dm2)
    for i in range(6):
        point = s22[i : i + 1], dm2[i : i + 1]
        signal = [e.signal(*point)[0] for e in both]

        def objective(x, signal=signal):
            total = x @ x
            for e, p, own, size in zip(both, signal, (x[0], x[1]), (0.075, 0.099), strict=True):
                mu = p * (1 + size * own + 0.12 * x[2]) + e.background
                n = np.where(e.data > 0, e.data, 1)
                total += 2 * (mu - e.data + e.data * np.log(n / mu)).sum()
            return total

        assert ours[i] == pytest.approx(minimize(objective, np.zeros(3)).fun, abs=1e-5)


def test_interpolation_is_exact_enough():
    karmen = load_experiment("karmen")
    axis = dm2_axis()
    half = 10 ** ((axis[1:] + axis[:-1]) / 2)
    values = karmen.predict(np.ones(len(half)), half)
    nodes = karmen.predict(np.ones(len(axis)), 10**axis)
    # an independent interpolation through the same nodes, of higher order
    near = (-nodes[:-3] + 9 * nodes[1:-2] + 9 * nodes[2:-1] - nodes[3:]) / 16
    six = 150 * (nodes[2:-3] + nodes[3:-2]) - 25 * (nodes[1:-4] + nodes[4:-1])
    six = (six + 3 * (nodes[:-5] + nodes[5:])) / 256
    np.testing.assert_allclose(values[1:-1], near, atol=1e-9)
    np.testing.assert_allclose(values[2:-2], six, atol=0.02)  # of 30 events a bin


def test_phase_average_limits():
    energy = np.array([35.0, 50.0])
    average = phase_average(energy, 17.675, 2.0, 0.0, dm2_axis())
    k = 1.267 * 0.01 * 17.675 / energy
    np.testing.assert_allclose(average[0], k**2, rtol=0.02)
    assert abs(phase_average(energy, 17.675, 2.0, DAMPING, dm2_axis())[-1] - 0.5).max() < 1e-3


def test_toys_have_the_spread_of_all_uncertainties(both):
    karmen = both[0]
    toys = karmen.toys(0.1, 8.0, 20_000, np.random.default_rng(2))
    assert (toys == np.round(toys)).all()
    point = np.array([0.1]), np.array([8.0])
    mean = karmen.predict(*point)[0]
    total, signal = mean.sum(), karmen.signal(*point).sum()
    np.testing.assert_allclose(toys.mean(0), mean, rtol=0.02, atol=0.1)
    variance = total + (signal**2) * (0.075**2 + 0.12**2)
    assert toys.sum(1).var() == pytest.approx(variance, rel=0.05)


def test_options_change_what_they_say():
    base = load_experiment("karmen")
    for option in (("carbon.damping", "0"), ("karmen.shape", "fukugita")):
        other = load_experiment("karmen", Setting(options=(option,)))
        point = np.array([0.5]), np.array([10.0])
        assert np.abs(other.predict(*point) - base.predict(*point)).max() > 0.05
    assert load_experiment("lsnd", Setting(options=(("lsnd.bins", "single"),))).size == 12


@pytest.mark.parametrize(
    ("option", "word"),
    [
        (("karmen.data", "total"), "spectrum"),
        (("karmen.shape", "kolbe"), "phase-space"),
        (("carbon.damping", "-1"), "zero or more"),
        (("karmen.shap", "fukugita"), "did you mean 'karmen.shape'"),
        (("carbon.damping", "wide"), "zero or more"),
    ],
)
def test_bad_options_are_one_sentence(option, word):
    with pytest.raises(InputError, match=word):
        load_experiment("karmen", Setting(options=(option,)))
