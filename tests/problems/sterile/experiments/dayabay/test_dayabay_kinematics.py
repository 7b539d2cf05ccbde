import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pontecorvo.problems.sterile.experiments.dayabay.kinematics import (
    PHASE,
    InverseBetaDecay,
    deposit_matrix,
    energy_cells,
)

REACTION = InverseBetaDecay(
    electron=0.51099895,
    proton=938.27208816,
    neutron=939.5654205,
    lifetime=878.4,
    phase_space=1.71465,
    f=1.0,
    g=1.2701,
    f2=3.706,
)


def test_phase_is_the_textbook_number():
    assert pytest.approx(1.267, abs=1e-3) == PHASE


def test_threshold():
    assert REACTION.threshold == pytest.approx(1.80607, abs=1e-5)
    assert REACTION.total_cross_section(np.array([1.7, 1.806])).max() == 0


@given(st.floats(1.9, 13.0), st.floats(-1.0, 1.0))
def test_energy_and_momentum_are_conserved(enu, cosine):
    energy = float(REACTION.positron_energy(np.array(enu), np.array(cosine)))
    momentum = np.sqrt(energy**2 - REACTION.electron**2)
    neutron_energy = enu + REACTION.proton - energy
    neutron_momentum2 = enu**2 + momentum**2 - 2 * enu * momentum * cosine
    mass = np.sqrt(neutron_energy**2 - neutron_momentum2)
    assert mass == pytest.approx(REACTION.neutron, rel=1e-10)


def test_cross_section_against_strumia_and_vissani():
    # their table (Phys. Lett. B 564, 42), 1e-41 cm^2; orders in 1/M and constants differ by 1 %
    energy = np.array([2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])
    table = np.array([0.003317, 0.026518, 0.068033, 0.127583, 0.204738, 0.299076, 0.410180])
    assert REACTION.total_cross_section(energy) * 1e41 == pytest.approx(table, rel=0.015)


def test_deposit_matrix_keeps_the_cross_section():
    cells = energy_cells(2.0, 11.0, 0.005)
    matrix = deposit_matrix(REACTION, cells)
    centre = 0.5 * (cells[1:] + cells[:-1])
    total = np.asarray(matrix.sum(axis=0)).ravel()
    assert total == pytest.approx(0.005 * REACTION.total_cross_section(centre), rel=1e-12)
    # mean deposited energy: neutrino energy - 0.782 MeV, less the neutron's recoil
    mean = (0.05 * np.arange(240) + 0.025) @ matrix.toarray() / total
    half_bin = 0.025
    assert np.all(mean < centre - 0.78 + half_bin)
    assert np.all(mean > centre - 0.79 - 2 * centre**2 / REACTION.proton - half_bin)


def test_deposit_matrix_does_not_depend_on_the_cells():
    flux = [np.exp(-0.3 * 0.5 * (c[1:] + c[:-1])) for c in map(_cells, (0.0025, 0.005))]
    fine, coarse = (
        deposit_matrix(REACTION, _cells(width)) @ spectrum
        for width, spectrum in zip((0.0025, 0.005), flux, strict=True)
    )
    assert fine[22:220] == pytest.approx(coarse[22:220], rel=2e-4)


def _cells(width):
    return energy_cells(1.8, 13.2, width)
