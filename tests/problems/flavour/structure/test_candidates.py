"""Distances vanish where their symmetry is exact, and do not see unphysical phases."""

import numpy as np
import pytest

from pontecorvo.physics.pmns import pmns_matrix
from pontecorvo.problems.flavour.structure.candidates import candidates
from pontecorvo.problems.flavour.structure.structure_draws import StructureDraws

BY_NAME = {c.name: c for c in candidates()}


def _anarchic(n=40, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.normal(size=(n, 3, 3)) + 1j * rng.normal(size=(n, 3, 3))
    return y, np.sort(10 ** rng.uniform(12, 15, (n, 3)), axis=1)


def _from_mixing(u, n=40):
    """Y with R = 1 that gives this U."""
    heavy = np.array([1e12, 1e13, 1e14])
    y = u.conj() * np.sqrt(np.array([0.01, 0.02, 0.05]) * 1e-9 * heavy) / 174.1
    return StructureDraws(np.repeat(y[None], n, 0), np.repeat(heavy[None], n, 0))


def test_no_distance_sees_phases_of_leptons_or_signs_of_heavy_neutrinos():
    y, m = _anarchic()
    rng = np.random.default_rng(1)
    turned = y * np.exp(1j * rng.uniform(0, 6, (40, 3, 1))) * rng.choice([-1, 1], (40, 1, 3))
    phase = rng.uniform(-3, 3, (40, 3))
    again = turned * np.exp(0.5j * phase)[:, None, :]
    one, two = StructureDraws(y, m), StructureDraws(again, m * np.exp(1j * phase))
    for candidate in BY_NAME.values():
        np.testing.assert_allclose(candidate.distance(two), candidate.distance(one), atol=1e-6)
        assert (candidate.distance(one) >= 0).all()


def _planted(name):
    y, m = _anarchic()
    if name == "mu-tau reflection":
        y[:, 0] = y[:, 0].real
        y[:, 2] = y[:, 1].conj()
    elif name == "generalised CP":
        y = y.real * np.exp(1j * np.arange(3))[:, None] * np.array([1, 1j, 1])
    elif name == "low rank":
        y[:, :, 2] = y[:, :, 0] - 2 * y[:, :, 1]
    elif name == "zero of Y[mu,3]":
        y[:, 1, 2] = 0
    elif name == "zero of m_nu[e,e]":
        root = -(y[:, 0, 0] ** 2 / m[:, 0] + y[:, 0, 1] ** 2 / m[:, 1]) * m[:, 2]
        y[:, 0, 2] = np.sqrt(root)
    elif name == "M1 = M2":
        m[:, 1] = m[:, 0]
    return StructureDraws(y, m)


@pytest.mark.parametrize(
    "name",
    [
        "mu-tau reflection",
        "generalised CP",
        "low rank",
        "zero of Y[mu,3]",
        "zero of m_nu[e,e]",
        "M1 = M2",
    ],
)
def test_planted_symmetries_have_no_distance(name):
    tolerance = 1e-7
    assert BY_NAME[name].distance(_planted(name)).max() < tolerance
    assert np.median(BY_NAME[name].distance(StructureDraws(*_anarchic()))) > 1e-3


def test_mu_tau_reflection_has_maximal_angle_and_phase():
    draws = _planted("mu-tau reflection")
    assert BY_NAME["maximal theta23"].distance(draws).max() < 1e-6
    assert BY_NAME["maximal delta"].distance(draws).max() < 1e-5


def test_columns_of_tribimaximal_mixing():
    u = pmns_matrix(1 / 3, 0.0, 0.5, 0.0)
    draws = _from_mixing(u)
    for name in ("TM1", "TM2", "alignment"):
        assert BY_NAME[name].distance(draws).max() < 1e-7


def test_other_numbers_of_heavy_neutrinos():
    rng = np.random.default_rng(3)
    for n in (2, 4):
        y = rng.normal(size=(30, 3, n)) + 1j * rng.normal(size=(30, 3, n))
        draws = StructureDraws(y, 10 ** rng.uniform(12, 13, (30, n)))
        for candidate in candidates(n):
            assert np.isfinite(candidate.distance(draws)).all()
