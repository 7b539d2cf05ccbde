"""Forecast: the Fisher matrix against fits, and how errors fall with exposure."""

from functools import partial

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.oscillation.external import daya_bay
from pontecorvo.problems.oscillation.fit import best_fit
from pontecorvo.problems.oscillation.forecast import (
    PUBLISHED_SIX_YEARS,
    design_days,
    forecast,
    forecasts,
)
from pontecorvo.problems.oscillation.forecast import forecast_setting as full_setting
from pontecorvo.problems.oscillation.juno import JunoSetting

# bins of 50 keV instead of 20: a quarter of the time
forecast_setting = partial(full_setting, bins=2)


def test_it_is_the_curvature_of_a_fit_to_the_expectation(juno):
    known = daya_bay()
    expected = forecast(JunoSetting(), external=known)
    fit = best_fit(juno, known, juno.predict(expected.truth[None])[0])
    np.testing.assert_allclose(fit.errors[:3], expected.errors[:3], rtol=0.03)
    assert fit.correlation == pytest.approx(expected.correlation, abs=0.02)


def test_errors_fall_and_one_experiment_serves_every_exposure():
    setting = forecast_setting(100.0)
    results = forecasts(setting, [100.0, 400.0, 1600.0])
    errors = np.array([result.errors for result in results])
    ratio = errors[:-1] / errors[1:]
    assert (ratio > 1.2).all()
    assert (ratio < 2 + 1e-6).all()  # no faster than statistics
    longer = forecast(forecast_setting(1600.0))
    np.testing.assert_allclose(longer.errors, errors[2], rtol=1e-6)


def test_what_is_not_known_of_the_flux_costs():
    days = 2000.0
    known = forecast(forecast_setting(days, flux_known=True)).errors
    rough = forecast(forecast_setting(days, flux_known=True, shape=0.03)).errors
    modes = forecast(forecast_setting(days)).errors
    assert (rough > known).all()
    assert (modes[:2] > known[:2]).all()


def test_six_years_beside_junos_own_forecast():
    """JUNO assumed other systematics; half and twice its numbers is what is promised here."""
    truth = [value for value, _ in PUBLISHED_SIX_YEARS.values()]
    setting = forecast_setting(design_days(6), flux_known=True, shape=0.01)
    errors = forecast(setting, truth).errors
    for own, (_, published) in zip(errors, PUBLISHED_SIX_YEARS.values(), strict=True):
        assert 0.6 < own / published < 1.7


def test_describe_is_plain():
    content = forecast(forecast_setting(300.0)).describe()
    assert set(content["errors"]) == set(PUBLISHED_SIX_YEARS)
    assert content["relative"]["dm2_21"] == pytest.approx(content["errors"]["dm2_21"] / 7.5e-5)


def test_bad_days_in_one_sentence():
    with pytest.raises(InputError, match="finite positive"):
        forecasts(forecast_setting(100.0), [100.0, -5.0])
    with pytest.raises(InputError, match="finite positive"):
        forecasts(forecast_setting(100.0), [])
