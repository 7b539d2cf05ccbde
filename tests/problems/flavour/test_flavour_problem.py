"""What flavour problems share: name, measurement, methods, citations; models of two matrices."""

from typing import ClassVar

import numpy as np
import pytest
from pydantic import ValidationError

from pontecorvo.base.errors import InputError
from pontecorvo.core.prior import Prior, Uniform
from pontecorvo.core.quantity import Quantity
from pontecorvo.physics.pmns import pmns_matrix
from pontecorvo.problems.flavour.flavour_problem import FlavourProblem, FlavourSettings
from pontecorvo.problems.flavour.mass_matrix_model import FITTED, QUANTITIES, MassMatrixModel, stack

ANGLES = (0.31, 0.022, 0.45)
CHARGED = np.array([0.003, 0.06, 1.0])


class Given(MassMatrixModel):
    """M_e diagonal; M_nu = U* diag(m) U^+ with given angles, and the lightest mass free."""

    name = "given"
    parameters = (Quantity("lightest", "", "eV"), Quantity("delta", "", "rad"))
    prior = Prior([Uniform(0.001, 0.1), Uniform(0, 2 * np.pi)])
    unit = 1.0

    def masses(self, theta):
        first = theta[:, 0]
        return np.stack([first, np.sqrt(first**2 + 7.5e-5), np.sqrt(first**2 + 2.5e-3)], axis=1)

    def mass_matrices(self, theta):
        n = len(theta)
        angles = [np.full(n, a) for a in ANGLES]
        u = pmns_matrix(*angles, theta[:, 1], np.full(n, 0.3), np.full(n, 2.0))
        m = np.einsum("nai,ni,nbi->nab", u.conj(), self.masses(theta) * self.unit, u.conj())
        return np.broadcast_to(np.diag(CHARGED), (n, 3, 3)), m


THETA = np.array([[0.01, 0.5], [0.05, 4.0]])


def test_what_was_put_in_comes_out():
    model = Given("no", FITTED["free"])
    found = dict(zip([q.name for q in model.observables], model.forward(THETA).T, strict=True))
    for name, value in zip(("sin2_theta12", "sin2_theta13", "sin2_theta23"), ANGLES, strict=True):
        np.testing.assert_allclose(found[name], value, rtol=1e-9)
    np.testing.assert_allclose(found["dm2_21"], 7.5e-5, rtol=1e-9)
    np.testing.assert_allclose(found["dm2_3l"], 2.5e-3, rtol=1e-9)
    np.testing.assert_allclose(found["me_over_mmu"], 0.05, rtol=1e-9)
    predicted = model.predict(THETA)
    assert set(predicted) == {q.name for q in model.prediction_quantities}
    np.testing.assert_allclose(predicted["delta_cp"], THETA[:, 1], rtol=1e-7)
    np.testing.assert_allclose(predicted["alpha21"], 0.3, rtol=1e-6)
    np.testing.assert_allclose(predicted["sum_m"], model.masses(THETA).sum(axis=1), rtol=1e-9)
    fast = {
        name: column for name, column in zip(FITTED["free"], model.forward(THETA).T, strict=True)
    }
    for name, column in fast.items():
        np.testing.assert_allclose(column, predicted[name], rtol=1e-8, err_msg=name)


def test_without_a_unit_the_measured_splitting_gives_it():
    model = Given("no", FITTED["ratio"], dm2_3l=2.5e-3)
    model.unit = 17.0
    predicted = model.predict(THETA)
    np.testing.assert_allclose(predicted["m3"], model.masses(THETA)[:, 2], rtol=1e-9)
    np.testing.assert_allclose(predicted["dm2_21"], 7.5e-5, rtol=1e-9)
    ratio = model.forward(THETA)[:, FITTED["ratio"].index("dm2_ratio")]
    np.testing.assert_allclose(ratio, 0.03, rtol=1e-9)


def test_observables_are_known_and_rows_make_matrices():
    with pytest.raises(InputError, match="did you mean 'dm2_21'"):
        Given("no", ["dm2_12"])
    assert "y_tau" in QUANTITIES
    rows = stack([[np.full(2, 3 * i + j + 1j) for j in range(3)] for i in range(3)])
    np.testing.assert_array_equal(rows[1], np.arange(9).reshape(3, 3) + 1j)


class GivenProblem(FlavourProblem):
    """Given angles."""

    kind = "given"
    Settings: ClassVar = FlavourSettings

    def build_model(self):
        return Given(self.settings.ordering, FITTED["free"])


def test_a_problem_is_a_model_and_the_measured_leptons():
    one = GivenProblem(FlavourSettings(ordering=False))  # a bare `no` of YAML
    assert one.name == "given-no"
    assert one.target.measurement.names == FITTED["free"]
    assert set(one.samplers()) == {"modes", "sectors"}
    assert one.default_method() == "smc"
    assert "Esteban2024nufit" in one.citations()
    assert not any("JUNO" in source for source in one.citations())
    juno = GivenProblem(FlavourSettings(data="juno-207d"))
    assert any("2511.14593" in source for source in juno.citations())
    sigma = {q.name: q.sigma for q in juno.target.measurement.quantities}
    before = {q.name: q.sigma for q in one.target.measurement.quantities}
    assert sigma["dm2_21"] < before["dm2_21"], "JUNO's solar pair takes NuFIT's place"
    assert sigma["sin2_theta23"] == before["sin2_theta23"]
    with pytest.raises(InputError, match="GivenProblem: has no build_model"):
        FlavourProblem.build_model(one)
    with pytest.raises(ValidationError, match="lfv"):
        FlavourSettings(predict=["lvf"])
