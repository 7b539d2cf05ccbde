import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.core.target import Target
from pontecorvo.problems.flavour.nufit import LABELS, OSCILLATION, founding_paper_box, nufit
from pontecorvo.problems.seesaw.model import PREDICTIONS, Seesaw, SeesawPrior

RNG = np.random.default_rng(11)


@pytest.fixture(scope="module", params=["no", "io"])
def model(request):
    return Seesaw(request.param)


@pytest.fixture(scope="module")
def theta(model):
    return model.prior.sample(500, np.random.default_rng(1))


def test_23_parameters_with_symbols(model):
    assert len(model.parameters) == len(model.prior) == 23
    assert len({q.name for q in model.parameters}) == 23
    assert all(q.latex for q in model.parameters)


def test_forward_agrees_with_predictions(model, theta):
    everything = model.predict(theta, extra=True)
    for names in (OSCILLATION, LABELS, ("sin2_theta23", "dm2_21"), ("delta_cp", "m_ee")):
        values = Seesaw(model.ordering, observables=names).forward(theta)
        for column, name in enumerate(names):
            np.testing.assert_allclose(values[:, column], everything[name], rtol=1e-7, atol=1e-12)


def test_predictions_are_what_the_contract_names(model, theta):
    names = {q.name for q in PREDICTIONS}
    contract = (
        *OSCILLATION,
        *("delta_cp", "alpha21", "alpha31", "J", "m1", "m2", "m3", "sum_m", "m_ee", "m_beta"),
    )
    assert names >= set(contract)
    values = model.predict(theta)
    assert set(values) == names
    order = (0, 1, 2) if model.ordering == "no" else (2, 0, 1)
    masses = np.stack([values["m1"], values["m2"], values["m3"]], axis=1)[:, order]
    assert (np.diff(masses, axis=1) >= 0).all()


def test_variables_round_trip(model, theta):
    variables = {name: values for name, (_, values) in model.variables(theta).items()}
    assert variables["Y_re"].shape == (500, 3, 3)
    assert (variables["phase_M"][:, 2] == 0).all()
    np.testing.assert_array_equal(model.from_variables(variables), theta)


def test_light_masses_follow_from_the_stored_variables(model, theta):
    """The contract's own words: m_nu = v^2 Y M^-1 Y^T with M = 10^log10_M exp(i phase)."""
    v = {name: values for name, (_, values) in model.variables(theta).items()}
    y = v["Y_re"] + 1j * v["Y_im"]
    heavy = 10 ** v["log10_M"] * np.exp(1j * v["phase_M"])
    m = 174.1**2 * 1e9 * np.einsum("nai,ni,nbi->nab", y, 1 / heavy, y)
    singular = np.sort(np.linalg.svd(m, compute_uv=False), axis=1)
    values = model.predict(theta)
    ours = np.sort(np.stack([values["m1"], values["m2"], values["m3"]], axis=1), axis=1)
    np.testing.assert_allclose(ours[:, 2], singular[:, 2], rtol=1e-10)
    np.testing.assert_allclose(ours, singular, rtol=1e-3, atol=1e-14 * singular.max())


@pytest.mark.parametrize("symmetry", Seesaw().symmetries, ids=lambda s: s.name)
def test_symmetries_leave_the_observables(model, theta, symmetry):
    moved, log_jacobian = symmetry.move(theta, np.random.default_rng(2))
    np.testing.assert_allclose(model.forward(moved), model.forward(theta), rtol=1e-6)
    assert log_jacobian.shape == (500,)
    assert not np.array_equal(moved, theta)


@pytest.mark.parametrize("symmetry", Seesaw().symmetries, ids=lambda s: s.name)
def test_symmetry_jacobians(symmetry):
    """Against finite differences: the same random numbers, shifted parameters."""
    theta = Seesaw().prior.sample(1, np.random.default_rng(5)) * 0.5
    step = 1e-6
    points = np.concatenate([theta + step * np.eye(23), theta - step * np.eye(23)])

    def move(x):
        return symmetry.move(x[None], np.random.default_rng(8))

    columns = [(move(points[i])[0] - move(points[23 + i])[0])[0] / (2 * step) for i in range(23)]
    numeric = np.linalg.slogdet(np.array(columns))[1]
    assert numeric == pytest.approx(float(move(theta[0])[1][0]), abs=1e-6)


def test_measured_quantities_are_checked():
    with pytest.raises(InputError, match="did you mean 'sin2_theta12'"):
        Seesaw(observables=("sin2_theta_12",))
    with pytest.raises(InputError, match="ordering"):
        Seesaw("normal")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="vev"):
        Seesaw(vev=-1)
    with pytest.raises(InputError, match="yukawa_max"):
        Seesaw(prior=SeesawPrior(yukawa_max=-1))


def test_founding_box_on_eleven_labels():
    measurement = founding_paper_box()
    target = Target(Seesaw(observables=measurement.names), measurement)
    value = target.log_likelihood(target.model.prior.sample(1000, RNG))
    assert set(np.unique(value)) <= {0.0, -np.inf}


def test_not_a_number_in_gives_no_likelihood_out():
    target = Target(Seesaw(), nufit())
    theta = target.model.prior.sample(4, RNG)
    theta[1, 3] = np.nan
    theta[2, 19] = np.inf
    value = target.log_likelihood(theta)
    assert not np.isnan(value).any()
    assert value[1] == -np.inf
