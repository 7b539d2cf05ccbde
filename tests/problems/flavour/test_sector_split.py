"""Which matrices another epsilon can make too, and which phases masses do not feel."""

from dataclasses import replace

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.flavour.pair_kernel import pair_sums, row_terms
from pontecorvo.problems.flavour.sector_model import SectorModel
from pontecorvo.problems.froggatt_nielsen import FroggattNielsen, FroggattNielsenSettings

MODEL = FroggattNielsen(FroggattNielsenSettings(scale="ratio", doublets=(2, 1, 0)))
NAMES = {False: ["me_over_mmu", "mmu_over_mtau", "y_tau"], True: ["dm2_ratio"]}


def _sector(neutrinos):
    model = SectorModel(MODEL, MODEL.sectors, neutrinos, NAMES[neutrinos])
    return model, model.prior.sample(300, np.random.default_rng(4))


@pytest.mark.parametrize("neutrinos", [False, True])
def test_the_same_matrix_at_another_epsilon(neutrinos):
    model, theta = _sector(neutrinos)
    low, high = model.same_matrix(theta)
    assert np.all((low <= theta[:, model.shared]) & (theta[:, model.shared] <= high))
    for share in (0.0, 0.37, 1.0):
        moved = model.sector.at(theta, model.shared, low + share * (high - low))
        masses, rotation = model.forward(moved), model.rotations(moved)
        before, rotation_before = model.forward(theta), model.rotations(theta)
        assert np.allclose(masses, before, rtol=1e-7)
        assert np.allclose(np.abs(rotation), np.abs(rotation_before), atol=1e-6)
        inside = model.prior.from_unit_cube(np.clip(model.prior.to_unit_cube(moved), 0, 1))
        assert np.allclose(inside, moved, atol=1e-9)  # the ends are the prior's own
    # a little beyond an end, one modulus leaves its range, or epsilon does
    beyond = model.sector.at(theta, model.shared, high * 1.001)
    assert np.isneginf(model.prior.log_density(beyond)).all()


@pytest.mark.parametrize("neutrinos", [False, True])
def test_redrawing_leaves_the_prior_as_it_is(neutrinos):
    model, theta = _sector(neutrinos)
    moved, log_jacobian = model.symmetries[0].move(theta, np.random.default_rng(1))
    assert np.allclose(model.forward(moved), model.forward(theta), rtol=1e-7)
    assert np.all(log_jacobian == 0)  # epsilon is uniform
    assert np.isfinite(model.prior.log_density(moved)).all()


def test_turned_phases_keep_masses_and_turn_rotations():
    model, theta = _sector(False)
    turned = model.sector.turned(theta, np.random.default_rng(2))
    masses, rotation = model.forward(turned), model.rotations(turned)
    before, rotation_before = model.forward(theta), model.rotations(theta)
    assert np.allclose(masses, before, rtol=1e-7)
    ratio = rotation[:, 1, :] / rotation_before[:, 1, :]
    first = rotation[:, 0, :] / rotation_before[:, 0, :]
    relative = ratio / first  # one phase a point, the same for all columns
    assert np.allclose(relative, relative[:, :1], atol=1e-6)
    assert np.allclose(np.abs(relative), 1)
    assert np.std(np.angle(relative[:, 0])) > 1


def test_weights_of_pairs():
    rng = np.random.default_rng(0)
    a, b = (np.linalg.qr(rng.normal(size=(4, 3, 3, 2)) @ [1, 1j])[0] for _ in range(2))
    a_range, b_range = (np.sort(rng.random((4, 2)), axis=1) for _ in range(2))
    central, inverse = np.array([0.3, 0.3, 0.5]), np.array([3.0, 4.0, 2.0])
    rows, columns = np.zeros(4), np.zeros(4)
    squares = pair_sums(a, a_range, b, b_range, central, inverse, 1e3, rows, columns)
    u = np.abs(np.einsum("kfi,lfj->klij", a.conj(), b)) ** 2
    s13 = u[:, :, 0, 2]
    values = np.stack([u[:, :, 0, 1] / (1 - s13), s13, u[:, :, 1, 2] / (1 - s13)], axis=2)
    chi2 = np.sum(((values - central) * inverse) ** 2, axis=2)
    low = np.maximum(a_range[:, None, 0], b_range[:, 0])
    overlap = np.maximum(np.minimum(a_range[:, None, 1], b_range[:, 1]) - low, 0)
    size = np.diff(a_range, axis=1) * np.diff(b_range, axis=1).T
    expected = overlap / size * np.exp(-chi2 / 2)
    assert np.allclose(rows, expected.sum(axis=1))
    assert np.allclose(columns, expected.sum(axis=0))
    assert np.isclose(squares, np.sum(expected**2))
    out = np.empty(4)
    row_terms(a[1], a_range[1], b, b_range, central, inverse, 1e3, out)
    assert np.allclose(out, expected[1] * np.diff(a_range[1]))


def test_a_split_that_forgets_a_column_is_refused():
    split = MODEL.sectors
    with pytest.raises(InputError, match="each once"):
        replace(split, shared=23).check(MODEL.prior)
    wrong = replace(split.charged, phases=((0, 15),))
    with pytest.raises(InputError, match="must be columns of their sector"):
        replace(split, charged=wrong).check(MODEL.prior)
