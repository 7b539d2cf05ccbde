import numpy as np
import pytest

from pontecorvo.physics.masses import m_ee, masses_from_splittings
from pontecorvo.physics.pmns import pmns_matrix
from pontecorvo.problems.flavour.m_ee_bands import band_against_lightest, band_against_sum
from pontecorvo.problems.flavour.measurements.named import named


def _random_points(ordering, n=8_000):
    """Points of the 3 sigma box with any phases: (lightest, sum, m_ee), each (n,) in eV."""
    rng = np.random.default_rng(5)
    names = ("sin2_theta12", "sin2_theta13", "sin2_theta23", "dm2_21", "dm2_3l")
    q = named("nufit-6.1", ordering, "with-sk", names).quantities
    s12, s13, s23, d21, d3l = (rng.uniform(x.low, x.high, n) for x in q)
    lightest = 10 ** rng.uniform(-5, -0.5, n)
    masses = masses_from_splittings(lightest, d21, d3l, ordering)
    mixing = pmns_matrix(s12, s13, s23, *rng.uniform(0, 2 * np.pi, (3, n)))
    return lightest, masses.sum(axis=1), m_ee(masses, mixing)


@pytest.mark.parametrize("ordering", ["no", "io"])
def test_no_point_of_the_box_leaves_the_bands(ordering):
    lightest, total, value = _random_points(ordering)
    for x, band in ((lightest, band_against_lightest), (total, band_against_sum)):
        low, high = band(x, ordering)
        assert np.all(value <= high * (1 + 1e-4))
        assert np.all(value >= low * (1 - 1e-3))


@pytest.mark.parametrize("ordering", ["no", "io"])
def test_points_come_close_to_the_edges(ordering):
    lightest, _, value = _random_points(ordering)
    some = lightest < 3e-4
    low, high = band_against_lightest(lightest[some], ordering)
    assert np.max(value[some] / high) > 0.93
    assert np.min(value[some] / np.maximum(low, 1e-6)) < 1.2


def test_known_landmarks():
    low, high = band_against_lightest(np.array([1e-6, 4e-3]), "no")
    assert low[1] == 0.0  # the three terms can close a triangle
    assert 3.5e-3 < high[0] < 4.5e-3
    low, high = band_against_lightest(np.array([1e-6]), "io")
    assert 0.013 < low[0] < 0.016
    assert 0.047 < high[0] < 0.050


def test_no_band_below_the_smallest_sum():
    low, high = band_against_sum(np.array([0.05, 0.09]), "io")
    assert np.isnan(low).all()
    assert np.isnan(high).all()
    assert np.isfinite(band_against_sum(np.array([0.06]), "no")[1]).all()
