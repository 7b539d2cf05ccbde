"""3+2: the probability, the agreement with 3+1, the evidence by two samplers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from pontecorvo.base.errors import InputError
from pontecorvo.physics.oscillation import PHASE, ThreeFlavour, fourth_term, three_flavour_term
from pontecorvo.problems.sterile.experiment import check_points
from pontecorvo.problems.sterile.experiment_registry import load_experiment, load_experiments
from pontecorvo.problems.sterile.joint import JointLikelihood
from pontecorvo.problems.sterile.spectrum import factors
from pontecorvo.problems.sterile.templates import Templates, dm2_axis
from pontecorvo.problems.sterile.two_sterile import (
    TwoSterileModel,
    TwoSterileTarget,
    two_sterile_points,
)

NAMES = "best,danss,karmen,solar"
MIXING = st.floats(0, 0.24)
SPLITTING = st.floats(0.011, 99.0)


def amplitude_sum(matrix, masses, length, energy):
    """P_ee from the mixing itself: |sum_i |U_ei|^2 exp(-i phase_i)|^2."""
    phase = 2 * PHASE * masses * length / energy
    return abs(np.sum(matrix * np.exp(-1j * phase))) ** 2


@given(MIXING, MIXING, SPLITTING, SPLITTING, st.floats(5, 1700), st.floats(2, 8))
def test_probability_is_that_of_five_states(u4, u5, dm41, dm51, length, energy):
    three = ThreeFlavour()
    left = 1 - u4 - u5
    matrix = np.append(left * three.weights, [u4, u5])
    masses = np.append(three.masses, [dm41, dm51])
    exact = amplitude_sum(matrix, masses, length, energy)

    def sin2(q):
        return np.sin(q * length) ** 2

    one = np.array([energy])
    known = three_flavour_term(sin2, one, three)[0]
    each = [fourth_term(sin2, one, np.array([m]), three)[0, 0] for m in (dm41, dm51)]
    a, dm2 = two_sterile_points(*(np.array([v]) for v in (u4, u5, dm41, dm51)))
    own = factors(a)[0]
    terms = [1.0, -known, -each[0], -each[1], -sin2(PHASE * dm2[0, 2] / energy)]
    assert own @ terms == pytest.approx(exact, abs=1e-9)


@pytest.mark.parametrize("name", NAMES.split(","))
def test_without_the_second_it_is_one_to_the_last_bit(name):
    experiment = load_experiment(name)
    u, none = np.array([0.02, 0.1, 0.2]), np.zeros(3)
    near, far = np.array([0.4, 1.3, 5.0]), np.array([3.0, 20.0, 60.0])
    two = two_sterile_points(u, none, near, far)
    one = 4 * u * (1 - u), near
    assert_array_equal(experiment.predict(*two), experiment.predict(*one))
    assert_array_equal(experiment.chi2(*two), experiment.chi2(*one))
    assert_array_equal(experiment.marginal(*two), experiment.marginal(*one))


def test_two_of_one_mass_are_one():
    joint = JointLikelihood(load_experiments(NAMES))
    u4, u5, dm2 = np.array([0.02, 0.07]), np.array([0.03, 0.01]), np.array([0.7, 2.0])
    both = u4 + u5
    together = joint.predict(4 * both * (1 - both), dm2)
    assert_allclose(joint.predict(*two_sterile_points(u4, u5, dm2, dm2)), together, rtol=1e-12)
    # a little apart, the third term is there, and small
    apart = joint.predict(*two_sterile_points(u4, u5, dm2, dm2 + 1e-3))
    assert_allclose(apart, together, rtol=2e-2)
    swapped = two_sterile_points(u5, u4, dm2 + 1, dm2)
    straight = two_sterile_points(u4, u5, dm2, dm2 + 1)
    assert_allclose(joint.predict(*swapped), joint.predict(*straight), rtol=1e-12)


def test_best_against_a_sum_over_its_path_lengths():
    """The third term where it matters, for one experiment, from the definition."""
    best = load_experiment("best")
    u4, u5, near, far = 0.05, 0.08, 1.0, 4.0
    a, dm2 = two_sterile_points(*(np.array([v]) for v in (u4, u5, near, far)))
    full = np.ones(1)  # 1 - what is lost at full mixing is each average of sin^2
    lost = [1 - best.predict(full, m)[0] for m in dm2.T]
    assert_allclose(1 - best.predict(a, dm2)[0], a[0] @ np.array(lost), rtol=1e-12)


def test_small_differences_go_with_the_square():
    axis = dm2_axis(-2.0, 2.0, 0.01)

    def table(nodes):
        return np.sin(0.02 * 10**nodes)[:, None] ** 2

    templates = Templates(axis, table(axis)[:, None], table)
    only = np.array([[0.0, 0.0, 1.0]])
    for dm2 in (0.0, 1e-7, 1e-5, 3e-4, 0.02, 5.0):
        found = templates(only, np.array([[1.0, 2.0, dm2]]))[0, 0]
        assert found == pytest.approx(np.sin(0.02 * dm2) ** 2, rel=1e-5, abs=1e-20)
    with pytest.raises(InputError, match="no table for two sterile"):
        Templates(axis, table(axis)[:, None])(only, np.ones((1, 3)))


def test_points_are_checked():
    with pytest.raises(InputError, match=r"at most 0\.5"):
        two_sterile_points(*(np.array([v]) for v in (0.3, 0.3, 1.0, 2.0)))
    with pytest.raises(InputError, match="outside the tabulated range"):
        check_points(np.zeros((1, 3)), np.array([[1e-3, 1.0, 1.0]]))
    check_points(np.zeros((1, 3)), np.array([[1.0, 1.0, 0.0]]))
    with pytest.raises(InputError, match="two arrays of one length"):
        check_points(np.zeros((1, 2)), np.zeros((1, 2)))


@pytest.fixture(scope="module")
def target():
    return TwoSterileTarget(TwoSterileModel(JointLikelihood(load_experiments("best,danss"))))


def test_target_is_that_of_one_where_the_second_hardly_mixes(target):
    theta = np.array([[-1.0, np.log10(2.5e-5), 0.1, 1.5], [-1.5, np.log10(2.5e-5), 0.4, 1.9]])
    found = target.log_likelihood(theta)
    u = 10 ** theta[:, 0]
    one = -0.5 * target.model.joint.marginal(4 * u * (1 - u), 10 ** theta[:, 2])
    assert_allclose(found, one, atol=0.01)
    inside = target.within_three_sigma(theta)
    assert inside.dtype == bool
    predicted = target.model.predict(theta)
    assert_allclose(predicted["m_4"] ** 2, predicted["dm2_41"])
    assert set(predicted) == {q.name for q in target.model.prediction_quantities}
    data = target.simulate(theta, np.random.default_rng(1))
    assert data.shape == (2, len(target.observed))
    assert target.model.forward(theta).shape == data.shape
    notes = target.evidence_notes(target.one_log_evidence)
    assert notes["ln_bayes_factor_over_3p1"] == 0
    assert notes["ln_bayes_factor"] == notes["ln_bayes_factor_of_3p1"]


def test_prior_is_ordered(target):
    theta = target.model.prior.sample(500, np.random.default_rng(0))
    assert np.all(theta[:, 2] <= theta[:, 3])
    assert np.all(np.isfinite(target.log_likelihood(theta[:50])))


@pytest.mark.slow
@pytest.mark.parametrize("names", ["best,sage,solar", "best,danss"])
def test_evidences_by_two_samplers_agree(names):
    from pontecorvo.samplers import SMCSettings, sample_nautilus, sample_smc

    target = TwoSterileTarget(TwoSterileModel(JointLikelihood(load_experiments(names))))
    smc = sample_smc(target, 1000, 1, None, SMCSettings(runs=4, particles=500))
    nautilus = sample_nautilus(target, 1000, 2, None, live=500)
    error = np.hypot(smc.log_evidence_error, nautilus.log_evidence_error)
    assert abs(smc.log_evidence - nautilus.log_evidence) < 4 * error + 0.02
    # a quadrature of its own: uniform draws of the prior
    rng = np.random.default_rng(3)
    value = target.log_likelihood(target.model.prior.sample(40_000, rng))
    weight = np.exp(value - value.max())
    plain = value.max() + np.log(weight.mean())
    spread = weight.std() / weight.mean() / np.sqrt(len(weight))
    assert abs(smc.log_evidence - plain) < 4 * np.hypot(smc.log_evidence_error, spread) + 0.02
    assert target.evidence_notes(plain)["ln_bayes_factor"] > 2
