"""JUNO's tables, expectation and pulls."""

import csv

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.oscillation import juno as module
from pontecorvo.problems.oscillation.juno import Juno, JunoSetting, unoscillated_counts
from pontecorvo.problems.oscillation.juno_tables import table
from shared_data import SHARED, needs_shared

POINT = np.array([[0.3092, 7.50e-5, 0.02175, 2.541e-3]])


def released(name):
    text = (SHARED / "juno-2025" / name).read_text(encoding="utf-8-sig")
    lines = [line for line in text.splitlines() if line.strip(",\t ") and line[0] != "#"]
    return list(csv.reader(lines))


@needs_shared
def test_tables_are_the_release():
    own, rows = table("juno/spectrum.csv"), released("fig3_panel_a_data.csv")[1:]
    values = np.array([[float(cell) for cell in row] for row in rows])
    assert len(own) == len(values) == 66
    np.testing.assert_allclose(0.5 * (own["low"] + own["high"]), values[:, 0])
    np.testing.assert_allclose(own["high"] - own["low"], values[:, 1])
    for index, name in enumerate(
        ("observed", "error", "best_fit", "signal", "li9_he8", "geoneutrino", "world_reactors"), 2
    ):
        np.testing.assert_array_equal(own[name], values[:, index])
    ratio = np.array([[float(c) for c in row] for row in released("fig3_panel_c_data.csv")[1:]])
    np.testing.assert_array_equal(own["ratio"], ratio[:, 2])
    curve = np.array(
        [[float(c) for c in row[:4]] for row in released("edfig2_positron_FullNL.csv")[1:]]
    )
    np.testing.assert_array_equal(table("juno/non_linearity.csv")["ratio"], curve[:, 1])


def test_counts_are_junos(juno):
    assert juno.size == 66
    assert juno.data.sum() == 2379
    spectrum = table("juno/spectrum.csv")
    width = (spectrum["high"] - spectrum["low"]) / 0.1
    np.testing.assert_allclose(juno.data, spectrum["observed"] * width, atol=0.45)  # two digits
    parts = sum(juno.released[name] for name in ("signal", *module.BACKGROUNDS))
    np.testing.assert_allclose(parts, juno.released["best_fit"], rtol=0.01)


def test_spectrum_without_oscillation_is_junos_rate(juno):
    """150.9 a day, efficiency 69.9 %, 59.1 days: 6234; the release's own is at its best fit."""
    assert unoscillated_counts(table("juno/spectrum.csv")).sum() == pytest.approx(6234, rel=0.012)
    assert juno.unoscillated.sum() == pytest.approx(6234, rel=0.012)
    plain = juno.with_setting(rescale=False)
    assert plain.unoscillated.sum() == pytest.approx(150.9 * 0.699 * 59.1)


def test_without_oscillation_the_expectation_is_the_spectrum(juno):
    none = np.array([[0.0, 7.5e-5, 0.0, 2.5e-3]])
    signal = juno.predict(none)[0] - juno.backgrounds.sum(axis=0)
    np.testing.assert_allclose(signal, juno.unoscillated, rtol=1e-9)


def test_junos_best_fit_gives_junos_signal(juno):
    signal = juno.predict(POINT)[0] - juno.backgrounds.sum(axis=0)
    theirs = juno.released["signal"]
    assert signal.sum() == pytest.approx(theirs.sum(), rel=0.02)
    error = np.sqrt(juno.data)
    assert np.abs((signal - theirs) / error).max() < 0.35


def test_more_energies_change_nothing(juno, monkeypatch):
    coarse = juno.predict(POINT)
    monkeypatch.setattr(module, "POINTS", 3200)
    np.testing.assert_allclose(Juno().predict(POINT), coarse, rtol=1e-4)


def test_response_is_the_derivative_by_rate_and_flux(juno):
    expected, response = juno.expectation(POINT)
    np.testing.assert_allclose(expected, juno.predict(POINT))
    signal = expected[0] - juno.backgrounds.sum(axis=0)
    rate = response[0][:, juno.nuisances.index("signal rate")]
    np.testing.assert_allclose(rate, juno.rate_error * signal)
    li = response[0][:, juno.nuisances.index("li9_he8")]
    assert li.sum() == pytest.approx(1.4 * 59.1, rel=1e-3)


def test_rate_budget_is_the_papers(juno):
    """2.4 % in all (1.8 % of table 2 and the selection's 1.6 %), of which 1.2 % is the flux's."""
    everything = juno.with_setting(flux="dayabay-fixed").rate_error
    assert everything == pytest.approx(0.024, abs=0.0005)
    assert np.hypot(juno.rate_error, 0.012) == pytest.approx(everything)


def test_backgrounds_are_centred_on_rates_before_the_fit(juno):
    rates = dict(zip(module.BACKGROUNDS, juno.backgrounds.sum(axis=1) / 59.1, strict=True))
    assert rates == pytest.approx(
        {"li9_he8": 4.3, "geoneutrino": 1.2, "world_reactors": 0.88, "bi_po": 0.18, "other": 0.239}
    )


def test_cut_bins_sum_to_whole_ones(juno):
    fine = juno.with_setting(bins=4)
    assert fine.data is None
    summed = fine.predict(POINT)[0].reshape(-1, 4).sum(axis=1)
    np.testing.assert_allclose(summed, juno.predict(POINT)[0], rtol=2e-4)


def test_counts_grow_with_days(juno):
    longer = juno.with_setting(days=591.0)
    np.testing.assert_allclose(longer.predict(POINT), 10 * juno.predict(POINT))


def test_toys_scatter_as_the_covariance_says(juno):
    rng = np.random.default_rng(4)
    toys = juno.simulate(np.tile(POINT, (1500, 1)), rng)
    expected = juno.covariance(POINT, juno.predict(POINT)[0])[0]
    # counts of a few bins: the Gaussian covariance, and Poisson's scatter
    found = np.cov(toys[:, 10:40].T)
    scale = np.sqrt(np.outer(np.diagonal(expected), np.diagonal(expected)))[10:40, 10:40]
    assert np.abs(found - expected[10:40, 10:40]).max() < 0.35 * scale.max()
    np.testing.assert_allclose(np.diagonal(found) / np.diagonal(scale), 1, atol=0.18)


def test_chi2_is_that_of_the_covariance(juno):
    own = juno.with_setting(statistic="neyman")
    residual = own.data - own.predict(POINT)[0]
    full = own.covariance(POINT)[0]
    assert own.chi2(POINT)[0] == pytest.approx(residual @ np.linalg.solve(full, residual))


def test_variants_build():
    for changes in (
        {"flux": "huber-mueller"},
        {"lithium": "bins"},
        {"lithium": "fixed", "energy_pulls": False, "rate": False},
        {"ordering": "IO", "prefit": False, "shape": 0.01},
    ):
        juno = Juno(JunoSetting(**changes))
        point = POINT * np.array([1, 1, 1, -1 if juno.setting.ordering == "IO" else 1])
        expected, response = juno.expectation(point)
        assert response.shape == (1, 66, len(juno.nuisances))
        assert np.isfinite(expected).all()
        assert 30 < juno.chi2(point)[0] < 90


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"flux": "dayabey"}, "did you mean"),
        ({"lithium": "bin"}, "did you mean"),
        ({"ordering": "XX"}, "mass ordering 'XX'"),
        ({"statistic": "chi2"}, "statistic 'chi2'"),
        ({"days": -1.0}, "JUNO days -1.0"),
        ({"density": float("nan")}, "JUNO density nan"),
        ({"bins": 0}, "allowed are 1 to 20"),
    ],
)
def test_bad_settings_in_one_sentence(changes, words):
    with pytest.raises(InputError, match=words):
        JunoSetting(**changes)


def test_missing_and_wrong_counts_in_one_sentence(juno):
    with pytest.raises(InputError, match="no data"):
        juno.with_setting(days=100.0).chi2(POINT)
    with pytest.raises(InputError, match="it has 66 bins"):
        juno.chi2(POINT, np.ones(5))
