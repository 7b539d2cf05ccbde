"""A measured flux holds its own deficit: survivals are over those of the near halls."""

import numpy as np
import pytest

from pontecorvo.problems.sterile.experiment_registry import Setting, load_experiment
from pontecorvo.problems.sterile.flux_origin import flux_origin
from pontecorvo.problems.sterile.spectrum import factors

MEASURED = Setting("dayabay")


def test_calculated_fluxes_have_no_origin():
    assert flux_origin("hm") is None


def test_without_a_fourth_neutrino_nothing_is_missing():
    origin = flux_origin("dayabay")
    np.testing.assert_allclose(origin(factors(np.zeros(3)), np.array([0.1, 1.0, 10.0])), 1.0)
    # averaged out at half a kilometre: half of s22; U238 and Pu241 are calculated
    lost = 1 - origin(factors(np.array([0.2])), np.array([3.0]))[0]
    np.testing.assert_allclose(lost, [0.1, 0.0, 0.1, 0.0], atol=0.004)


def test_daya_bay_tells_nothing_over_its_own_flux():
    s22, dm2 = np.full(40, 0.2), np.logspace(-1, 2, 40)
    own = load_experiment("evolution-dayabay", MEASURED).predict(s22, dm2)
    plain = load_experiment("evolution-dayabay").predict(s22, dm2)
    assert np.all(own > 0.97)  # what is left are U238 and Pu241
    assert np.all(plain < 0.93)
    assert "same events" in load_experiment("evolution-dayabay", MEASURED).notes[0]


def test_a_near_detector_sees_more_than_the_near_halls():
    rates = load_experiment("rates-sbl", MEASURED)
    low = rates.predict(np.array([0.2]), np.array([0.03]))[0]
    assert low.max() == pytest.approx(1 / (1 - 0.2 * 0.5 * 0.7), abs=0.06)
    assert np.median(low) > 1.05
