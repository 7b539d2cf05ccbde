"""Daya Bay's pulls: the release's count, central values, sizes and correlations."""

import numpy as np
import pytest

pytest.importorskip("dayabay_data_official", reason="needs the extra dayabay")

from pontecorvo.problems.sterile.experiments.dayabay.nuisances import Nuisances
from pontecorvo.problems.sterile.experiments.dayabay.release import (
    DETECTORS,
    ISOTOPES,
    find_release,
    load_release,
)


@pytest.fixture(scope="module")
def release():
    return load_release(find_release())


@pytest.fixture(scope="module")
def pulls(release):
    return Nuisances(release)


def test_1057_pulls_in_13_groups(pulls):
    assert (len(pulls), len(pulls.groups)) == (1057, 13)
    assert len(set(pulls.names)) == 1057
    ends = [(where.start, where.stop) for where in pulls.groups.values()]
    assert [a for a, _ in ends[1:]] == [b for _, b in ends[:-1]]
    assert ends[-1][1] == 1057


def test_no_pull_is_the_central_value(pulls, release):
    values, table = pulls.values(), release.constants
    assert values.dm2_21 == table["DeltaMSq21"][0]
    np.testing.assert_array_equal(values.efficiency, np.ones(len(DETECTORS)))
    central = [table["fission_fractions"][name] for name in ISOTOPES]
    np.testing.assert_allclose(values.fission_fractions, np.broadcast_to(central, (6, 4)))
    assert (values.background >= 0).all()


def test_pulls_have_the_tables_sizes_and_correlations(pulls, release):
    table = release.constants
    rng = np.random.default_rng(0)
    drawn = [pulls.values(rng.normal(size=len(pulls))) for _ in range(3000)]
    detector = np.array([[v.efficiency[0] - 1, v.energy_scale[0] - 1] for v in drawn])
    relative = table["detector_relative"]
    sigma = [relative[k][1] for k in ("efficiency_factor", "energy_scale_factor")]
    np.testing.assert_allclose(detector.std(axis=0), sigma, rtol=0.06)
    rho = table["correlation.detector_relative"][0][1]
    assert np.corrcoef(detector.T)[0, 1] == pytest.approx(rho, abs=0.06)
    one = np.zeros(len(pulls))
    one[pulls.groups["thermal_power"].start] = 2.0
    power = pulls.values(one).thermal_power
    entry = table["thermal_power_scale"]
    assert power[0] == pytest.approx(entry[0] + 2 * entry[1])
    assert (power[1:] == entry[0]).all()


def test_two_readings_of_the_background_table(pulls, release):
    other = Nuisances(release, "as-dayabay-model")
    np.testing.assert_array_equal(other.values().background, pulls.values().background)
    x = np.ones(len(pulls))
    assert not np.allclose(other.values(x).background, pulls.values(x).background)
