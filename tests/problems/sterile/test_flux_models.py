"""Flux models beside the compilation's: published yields, and what measured rates are over them."""

import numpy as np
import pytest

from pontecorvo.base.tables import read_covariance, read_table, shipped
from pontecorvo.problems.sterile.experiment import FLUXES
from pontecorvo.problems.sterile.experiment_registry import Setting, load_experiment
from pontecorvo.problems.sterile.flux_models import COMPILED, measured_ratios, yields
from pontecorvo.problems.sterile.joint import JointLikelihood
from pontecorvo.problems.sterile.reactor_tables import flux, flux_pull_effect
from pontecorvo.problems.sterile.shipped_tables import FOLDER, shipped_table

NULL = np.zeros(1), np.ones(1)


def test_the_kurchatov_ratio_of_yields_is_the_published_one():
    """1.45 +- 0.03 for U235 over Pu239 (arXiv:2103.01684); Huber's is 1.054 times that."""
    own, huber = yields("kurchatov"), yields("hm")
    assert own[0] / own[2] == pytest.approx(1.45, abs=0.01)
    assert huber[0] / huber[2] / (own[0] / own[2]) == pytest.approx(1.054, rel=1e-9)
    np.testing.assert_allclose(own[[2, 3]], huber[[2, 3]])


def test_daya_bay_yields_are_the_sums_of_its_bins():
    """In 1e-43 cm2: 6.142 +- 0.121 and 4.099 +- 0.212, with Strumia and Vissani's cross section."""
    table = read_table(shipped(FOLDER, "flux_dayabay.csv"))
    width = table["e_high_mev"] - table["e_low_mev"]
    covariance = read_covariance(shipped(FOLDER, "flux_dayabay_covariance.csv"), 50)
    root = np.sqrt(np.diag(covariance))
    for column, isotope, place in ((0, "u235", slice(0, 25)), (1, "pu239", slice(25, 50))):
        whole = float((table[isotope] * width).sum())
        ours = 10 * yields("dayabay")[2 * column]
        assert ours * 1.022 == pytest.approx(whole, rel=0.004)
        spread = np.sqrt(width @ covariance[place, place] @ width) / whole
        effect = flux_pull_effect("dayabay")
        assert np.sqrt((effect @ effect.T)[2 * column, 2 * column]) == pytest.approx(
            spread, rel=0.01
        )
        assert np.all(root[place] < 1.001 * table[f"{isotope}_error"])  # unfolding's bias on top
    both = flux_pull_effect("dayabay") @ flux_pull_effect("dayabay").T
    assert both[0, 2] / np.sqrt(both[0, 0] * both[2, 2]) == pytest.approx(0.360, abs=0.002)


def test_every_flux_is_a_flux():
    energy = np.linspace(1.9, 7.9, 61)
    for model in FLUXES:
        for isotope in ("u235", "u238", "pu239", "pu241"):
            values = flux(model)(isotope, energy)
            assert np.all(values > 0), (model, isotope)


def test_ratios_over_other_models_keep_the_measured_rate():
    table = shipped_table("rates.csv", positive=("r_hm",))
    for model in COMPILED:
        np.testing.assert_array_equal(measured_ratios(table, model), table[f"r_{model}"])
    fractions = table.matrix(("f_u235", "f_u238", "f_pu239", "f_pu241"))
    expected = fractions @ yields("kurchatov") * measured_ratios(table, "kurchatov")
    np.testing.assert_allclose(expected, fractions @ yields("hm") * table["r_hm"])


def test_the_anomaly_is_smaller_with_the_kurchatov_ratio():
    """As published (arXiv:2110.06820): rates and evolution agree with it without oscillation."""
    chi2 = {
        model: float(JointLikelihood.load("reactor-rates", Setting(model)).chi2(*NULL)[0])
        for model in ("hm", "kurchatov")
    }
    assert chi2["kurchatov"] < chi2["hm"] - 5
    rates = load_experiment("rates-sbl", Setting("kurchatov"))
    assert 0.97 < rates.data.mean() < 1.01
