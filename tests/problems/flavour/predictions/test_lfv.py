"""Branching ratios: the sheet's numbers, invariances, and flavio."""

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.physics.masses import masses_from_splittings
from pontecorvo.physics.pmns import haar_unitary, pmns_matrix
from pontecorvo.problems.flavour.predictions import lfv
from pontecorvo.problems.flavour.predictions.lfv_loops import dipole_loop

# NuFIT 6.1, normal ordering, with SK-atm (nu-fit.org, 2025)
NUFIT_61 = {"u": pmns_matrix(0.3088, 0.02248, 0.470, np.deg2rad(212))[None]}
NUFIT_61["masses"] = masses_from_splittings(0.0, 7.537e-5, 2.511e-3, "no")[None]


def test_standard_model_with_light_neutrinos():
    """predictions.md: 2.81e-55 and 1.31e-54."""
    values = [
        lfv.photon_branching_ratio(c, lfv.photon_amplitude(c, **NUFIT_61))[0]
        for c in (("mu", "e"), ("tau", "mu"))
    ]
    assert f"{values[0]:.2e}" == "2.81e-55"
    assert f"{values[1]:.2e}" == "1.31e-54"


@pytest.mark.parametrize(
    ("limit", "mixing"), [(1.5e-13, "1.31e-05"), (4.2e-13, "2.20e-05"), (6e-14, "8.30e-06")]
)
def test_limit_on_heavy_mixing(limit, mixing):
    """predictions.md: 1.31e-5, 2.2e-5, 8.3e-6."""
    assert f"{lfv.mixing_limit(limit):.2e}" == mixing
    # and the full formula with a heavy neutrino of that mixing gives the limit back
    root = np.sqrt(lfv.mixing_limit(limit))
    theta = np.array([[[root], [root], [0.0]]], dtype=complex)
    amplitude = lfv.photon_amplitude(("mu", "e"), theta=theta, heavy=np.array([[1e15]]))
    assert lfv.photon_branching_ratio(("mu", "e"), amplitude)[0] == pytest.approx(limit, rel=1e-6)


def test_dipole_dominance():
    """predictions.md, ran with flavio 2.7.1: 6.23e-3; Al 2.66e-3, Ti 4.12e-3, Au 3.91e-3."""
    assert f"{lfv.three_lepton_over_photon(('mu', 'e')):.2e}" == "6.23e-03"
    values = {n: f"{lfv.conversion_over_photon(n):.2e}" for n in ("Al", "Ti", "Au")}
    assert values == {"Al": "2.66e-03", "Ti": "4.12e-03", "Au": "3.91e-03"}
    textbook = lfv.three_lepton_over_photon(("mu", "e"), lfv.ALPHA, 1.0)
    assert 1 / textbook == pytest.approx(163, abs=0.5)


def test_unitary_mixing_of_equal_masses_violates_nothing():
    rng = np.random.default_rng(4)
    u = haar_unitary(50, rng)
    equal = np.full((50, 3), 0.05)
    split = np.array([0.0, 0.01, 0.05]) * np.ones((50, 1))
    small = np.abs(lfv.photon_amplitude(("mu", "e"), u, equal))
    assert small.max() < 1e-12 * np.abs(lfv.photon_amplitude(("mu", "e"), u, split)).max()
    # phases of charged leptons are not seen
    turned = u * np.exp(1j * rng.uniform(0, 6, (50, 3)))[:, :, None]
    np.testing.assert_allclose(
        np.abs(lfv.photon_amplitude(("tau", "mu"), turned, split)),
        np.abs(lfv.photon_amplitude(("tau", "mu"), u, split)),
        rtol=1e-10,
    )


def test_light_and_heavy_are_one_unitary_sum():
    """Six neutrinos with an exactly unitary mixing: F itself may stand for F - 10/3."""
    u6 = haar_unitary(20, np.random.default_rng(1), 6)
    heavy = np.array([5.0, 80.0, 400.0, 1e3, 3e3, 1e4]) * np.ones((20, 1))
    whole = np.sum(u6[:, 1] * u6[:, 0].conj() * dipole_loop((heavy / lfv.M_W) ** 2), axis=1)
    parts = lfv.photon_amplitude(
        ("mu", "e"), u6[:, :3, :3], heavy[:, :3] / lfv.EV, u6[:, :3, 3:], heavy[:, 3:]
    )
    np.testing.assert_allclose(parts, whole, rtol=1e-10, atol=1e-12)


def test_heavy_mixing_gives_the_light_masses():
    rng = np.random.default_rng(2)
    y = rng.normal(size=(5, 3, 4)) + 1j * rng.normal(size=(5, 3, 4))
    m = 10 ** rng.uniform(2, 5, (5, 4)) * np.exp(1j * rng.uniform(0, 6, (5, 4)))
    theta, size = lfv.active_heavy_mixing(y, m, 174.1)
    light = 174.1**2 * (y / m[:, None, :]) @ np.swapaxes(y, 1, 2)
    np.testing.assert_allclose((theta * size[:, None, :]) @ np.swapaxes(theta, 1, 2), light)
    assert (np.diff(size, axis=1) >= 0).all()


def test_bad_names():
    with pytest.raises(InputError, match="allowed: mu -> e"):
        lfv.photon_amplitude(("e", "mu"), **NUFIT_61)
    with pytest.raises(InputError, match="allowed: Al, Ti, Au"):
        lfv.conversion_over_photon("al")


@pytest.mark.crosscheck
@pytest.mark.filterwarnings("ignore")
def test_dipole_dominance_of_flavio():
    flavio = pytest.importorskip("flavio", reason="needs flavio 2.7.1 and particle<0.25")
    from wilson import Wilson

    w = Wilson({"Cgamma_emu": 1e-9}, scale=2, eft="WET-4", basis="flavio")
    photon = flavio.np_prediction("BR(mu->egamma)", w)
    ratio = flavio.np_prediction("BR(mu->eee)", w) / photon
    assert lfv.three_lepton_over_photon(("mu", "e")) == pytest.approx(ratio, rel=3e-4)
    for nucleus in ("Al", "Ti", "Au"):
        ratio = flavio.np_prediction(f"CR(mu->e, {nucleus})", w) / photon
        assert lfv.conversion_over_photon(nucleus) == pytest.approx(ratio, rel=5e-4)


@pytest.mark.crosscheck
@pytest.mark.filterwarnings("ignore")
def test_posterior_draws_by_flavio_one_by_one():
    """mu -> e gamma, mu -> 3e and conversion of fifty draws, from the coefficient of the dipole."""
    flavio = pytest.importorskip("flavio", reason="needs flavio 2.7.1 and particle<0.25")
    from wilson import Wilson

    from pontecorvo.core.target import Target
    from pontecorvo.problems.flavour.nufit import nufit
    from pontecorvo.problems.seesaw.model import Seesaw
    from pontecorvo.samplers.exact import sample_exact

    model = Seesaw("no")
    theta = sample_exact(Target(model, nufit("no")), 50, 3, proposals=1 << 18).theta
    draws = model.flavour_draws(theta)
    mixing, heavy = lfv.active_heavy_mixing(draws.y, draws.m, draws.vev)
    u, masses = draws.mixing
    sums = lfv.photon_amplitude(("mu", "e"), u, masses, mixing, heavy)
    # at 1 GeV, where flavio takes it, so that nothing runs;
    # L = C e sigma P_R mu F with C = 4 G_F/sqrt2 m_mu e S/(128 pi^2): rate m^3 |C|^2/(4 pi)
    charge, fermi = np.sqrt(4 * np.pi * lfv.ALPHA), 1.1663787e-5
    coefficients = 4 * fermi / np.sqrt(2) * lfv.MASS["mu"] * charge * sums / (128 * np.pi**2)
    ours = lfv.photon_branching_ratio(("mu", "e"), sums)
    assert len(ours) == 50
    for coefficient, ratio in zip(1e40 * coefficients, 1e80 * ours, strict=True):
        w = Wilson({"Cgamma_emu": complex(coefficient)}, scale=1, eft="WET-4", basis="flavio")
        # over the measured width, not its leading order
        assert flavio.np_prediction("BR(mu->egamma)", w) * lfv.MUON_WIDTH == pytest.approx(
            ratio, rel=1e-3
        )
        three = ratio / lfv.MUON_WIDTH * lfv.three_lepton_over_photon(("mu", "e"))
        assert flavio.np_prediction("BR(mu->eee)", w) == pytest.approx(three, rel=1e-3)
        for nucleus in ("Al", "Ti", "Au"):
            rate = ratio / lfv.MUON_WIDTH * lfv.conversion_over_photon(nucleus)
            assert flavio.np_prediction(f"CR(mu->e, {nucleus})", w) == pytest.approx(
                rate, rel=1.5e-3
            )
