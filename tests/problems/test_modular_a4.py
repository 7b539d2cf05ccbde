"""Feruglio's model: the published point, the identity of its forms, and that it is excluded."""

import numpy as np
import pytest

from pontecorvo.problems.modular_a4 import (
    ModularA4,
    ModularA4Problem,
    ModularA4Settings,
    triplet,
)
from pontecorvo.samplers.modes import ModeSettings, sample_modes


def test_forms_follow_their_q_series():
    tau = np.array([0.1 + 1.1j, -0.3 + 2.0j])
    q = np.exp(2j * np.pi * tau)
    y1, y2, y3 = triplet(tau)
    assert np.allclose(y1, 1 + 12 * q + 36 * q**2 + 12 * q**3 + 84 * q**4, rtol=1e-9)
    third = np.exp(2j * np.pi * tau / 3)
    assert np.allclose(y2, -6 * third * (1 + 7 * q + 8 * q**2 + 18 * q**3), rtol=1e-9)
    assert np.allclose(y3, -18 * third**2 * (1 + 2 * q + 5 * q**2 + 4 * q**3), rtol=1e-9)


def test_published_point():
    # arXiv:1706.08749, eq. (60) and below: inverted ordering, tau = 0.0111 + 0.9946 i
    found = ModularA4(ModularA4Settings(ordering="io")).predict(np.array([[0.0111, 0.9946]]))
    assert found["sin2_theta13"][0] == pytest.approx(0.0447, abs=5e-5)
    assert found["sin2_theta12"][0] == pytest.approx(0.295, abs=5e-4)
    assert found["sin2_theta23"][0] == pytest.approx(0.651, abs=5e-4)
    assert found["delta_cp"][0] / np.pi == pytest.approx(1.55, abs=5e-3)


@pytest.mark.parametrize("ordering", ["no", "io"])
def test_it_is_excluded(ordering):
    target = ModularA4Problem(ModularA4Settings(ordering=ordering)).target
    settings = ModeSettings(300, 100, steps=60, snapshots=8, rounds=2, round_draws=5000, draws=5000)
    draws = sample_modes(target, 500, settings=settings)
    best = draws.notes["modes"][0]
    assert best["chi2"] > 500
    assert draws.log_evidence < -200
    assert draws.raw_acceptance == 0
