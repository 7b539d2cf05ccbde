"""The S4' model: the published points to their digits, CP, length of the file."""

import ast
from pathlib import Path

import numpy as np
import pytest

import pontecorvo.problems.modular_s4 as file
from pontecorvo.core.contract import check_contract
from pontecorvo.physics.pmns import pmns_matrix
from pontecorvo.physics.takagi import takagi
from pontecorvo.problems.modular_s4 import ModularS4, ModularS4Problem, ModularS4Settings

# arXiv:2006.03058, recomputed: theta; m_e/m_mu, m_mu/m_tau, sin2 12, 13, 23, r; delta/pi
POINTS = {
    "no": (
        [0.029725, 1.1181, 1.7303, -2.7706, 2.716, -0.35786],
        [0.0049422, 0.0564892, 0.305012, 0.0222705, 0.545077, 0.0291271],
        1.04877,
    ),
    "io": (
        [0.027941, 1.5921, 1.7266, -2.17, 0.4705, -1.2442],
        [0.0048306, 0.0564784, 0.303094, 0.0222672, 0.550285, 0.0293158],
        0.782788,
    ),
}


@pytest.mark.parametrize("ordering", ["no", "io"])
def test_published_points_to_the_printed_digits(ordering):
    theta, expected, delta = POINTS[ordering]
    model = ModularS4(ModularS4Settings(ordering=ordering, scale="ratio"))
    found = model.forward(np.array([theta]))[0]
    digits = [7, 7, 6, 7, 6, 7]
    for value, number, places in zip(found, expected, digits, strict=True):
        assert value == pytest.approx(number, abs=0.51 * 10.0**-places)
    predicted = model.predict(np.array([theta]))
    assert predicted["delta_cp"][0] / np.pi == pytest.approx(delta, abs=1e-5)


def test_sum_of_masses_with_the_splittings_of_2020():
    # 69.50 meV (NO): the same point in the unit of another abs(dm2_3l)
    model = ModularS4(ModularS4Settings(ordering="no", scale="ratio"))
    value = model.predict(np.array([POINTS["no"][0]]))["sum_m"][0]
    assert value * np.sqrt(2.525e-3 / 2.511e-3) == pytest.approx(0.06950, abs=2e-5)


@pytest.mark.parametrize("ordering", ["no", "io"])
def test_majorana_phases_are_those_of_the_takagi_factorisation(ordering):
    model = ModularS4(ModularS4Settings(ordering=ordering, scale="ratio"))
    theta = model.prior.sample(40, np.random.default_rng(3))
    m_e, m_nu = model.mass_matrices(theta)
    _, _, right = np.linalg.svd(m_e)  # an independent route: LAPACK's vectors, ascending masses
    left = np.swapaxes(right.conj(), 1, 2)[:, :, ::-1]
    _, u = takagi(np.swapaxes(left, 1, 2) @ m_nu @ left)
    if ordering == "io":
        u = np.roll(u, -1, axis=2)
    p = model.predict(theta)
    names = ("sin2_theta12", "sin2_theta13", "sin2_theta23", "delta_cp", "alpha21", "alpha31")
    rebuilt = pmns_matrix(*(p[name] for name in names))
    # rephasing invariants with Majorana phases: (U_ai U_bj)(U_aj U_bi)^* and (U_ei U_ej^*)^2
    for i, j in ((0, 1), (0, 2), (1, 2)):
        one = (u[:, :, i] * u[:, :, j].conj()) ** 2
        two = (rebuilt[:, :, i] * rebuilt[:, :, j].conj()) ** 2
        assert np.abs(one - two).max() < 1e-7


def test_minus_conjugate_tau_is_cp():
    model = ModularS4(ModularS4Settings(ordering="no"))
    theta = model.prior.sample(50, np.random.default_rng(0))
    moved = theta.copy()
    moved[:, 0] *= -1
    one, two = model.predict(theta), model.predict(moved)
    for name in ("sin2_theta12", "sin2_theta13", "sin2_theta23", "dm2_21", "m_ee"):
        assert np.allclose(one[name], two[name], rtol=1e-6)
    for name in ("delta_cp", "alpha21", "alpha31"):
        assert np.abs(np.exp(1j * (one[name] + two[name])) - 1).max() < 1e-5
    jumped, log_jacobian = model.symmetries[0].move(theta, np.random.default_rng(1))
    assert np.all(log_jacobian == 0)
    assert np.allclose(np.abs(jumped), np.abs(theta))


@pytest.mark.parametrize("scale", ["free", "ratio"])
@pytest.mark.parametrize("ordering", ["no", "io"])
def test_it_keeps_the_contract(ordering, scale):
    problem = ModularS4Problem(ModularS4Settings(ordering=ordering, scale=scale))
    check_contract(problem.target)
    assert problem.default_method() == "modes"
    assert "modes" in problem.samplers()
    size = 7 if scale == "free" else 6
    assert len(problem.target.model.parameters) == size
    assert len(problem.measurement.names) == size


def test_the_likelihood_is_six_normalised_gaussians():
    problem = ModularS4Problem(ModularS4Settings(ordering="no", scale="ratio"))
    central = np.array([0.0048, 0.0565, 0.3088, 0.02248, 0.470, 7.537e-5 / 2.511e-3])
    relative = np.hypot(0.097e-5 / 7.537e-5, 0.0205e-3 / 2.511e-3)
    sigma = np.array([0.0002, 0.0045, 0.00665, 0.00057, 0.0155, central[5] * relative])
    expected = -np.log(sigma * np.sqrt(2 * np.pi)).sum()
    assert problem.measurement.log_likelihood(central[None])[0] == pytest.approx(expected)
    assert problem.measurement.log_likelihood((central + sigma)[None])[0] == pytest.approx(
        expected - 3
    )


def test_the_invariant_measure():
    problem = ModularS4Problem(ModularS4Settings())
    theta = problem.target.model.prior.sample(5, np.random.default_rng(0))
    ratio = problem.prior_alternatives()["invariant measure of tau"]
    assert np.allclose(np.exp(ratio(theta, {})) * theta[:, 1] ** 2, 1)


def test_the_file_is_short():
    source = Path(file.__file__).read_text(encoding="utf-8")
    texts = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node
        ):
            first = node.body[0]
            texts |= set(range(first.lineno, first.end_lineno + 1))
    assert len(source.splitlines()) - len(texts) <= 120


def test_the_page_shows_the_file():
    page = Path(__file__).parents[2] / "docs" / "flavour-models.md"
    source = Path(file.__file__).read_text(encoding="utf-8")
    assert f"```python no-run\n{source.rstrip()}\n```" in page.read_text(encoding="utf-8")
