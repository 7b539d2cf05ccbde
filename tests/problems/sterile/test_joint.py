"""The joint likelihood: groups, sharing, tables, the 3+1 model and its target."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from pontecorvo.base.errors import InputError
from pontecorvo.problems.sterile.experiment_registry import load_experiment
from pontecorvo.problems.sterile.joint import JointLikelihood
from pontecorvo.problems.sterile.linear import group_chi2
from pontecorvo.problems.sterile.model import SterileTarget, sterile_target
from pontecorvo.problems.sterile.tabulated import tabulate_likelihood


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("PONTECORVO_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(scope="module")
def joint():
    return JointLikelihood.load("rates-sbl,evolution-reno,danss,reno")


def points(n, seed=0):
    rng = np.random.default_rng(seed)
    return 10 ** rng.uniform(-4, 0, n), 10 ** rng.uniform(-2, 2, n)


def test_what_shares_a_pull_is_fitted_together(joint):
    assert [[m.name for m in group] for group in joint.groups] == [
        ["rates-sbl", "evolution-reno"],
        ["danss"],
        ["reno"],
    ]
    s22, dm2 = points(20)
    rates = [load_experiment("rates-sbl"), load_experiment("evolution-reno")]
    expected = group_chi2(rates, s22, dm2)
    expected = expected + load_experiment("danss").chi2(s22, dm2)
    expected = expected + load_experiment("reno").chi2(s22, dm2)
    assert_allclose(joint.chi2(s22, dm2), expected)
    apart = sum(member.chi2(s22, dm2) for member in joint.experiments)
    assert np.abs(apart - expected).max() > 0.1


def test_order_does_not_matter(joint):
    other = JointLikelihood(joint.experiments[::-1])
    s22, dm2 = points(10, 1)
    assert_allclose(other.chi2(s22, dm2), joint.chi2(s22, dm2))
    assert_allclose(other.marginal(s22, dm2), joint.marginal(s22, dm2))


def test_many_data_sets_at_once(joint):
    s22, dm2 = points(7, 2)
    toys = joint.toys(0.1, 0.5, 5, np.random.default_rng(3))
    for row in range(2):  # one data set a point, or the same for all of them
        one_each = joint.chi2(s22, dm2, np.repeat(toys, 2, axis=0)[row : row + 7])
        alone = [
            joint.chi2(s22[[k]], dm2[[k]], np.repeat(toys, 2, axis=0)[row + k])[0] for k in range(7)
        ]
        assert_allclose(one_each, alone, rtol=1e-9)
    one_each = joint.simulate(s22, dm2, np.random.default_rng(3))
    assert one_each.shape == (7, joint.size)


def test_shared_pulls_are_drawn_once():
    joint = JointLikelihood.load("rates-mbl,evolution-reno")
    toys = joint.toys(0.0, 1.0, 4000, np.random.default_rng(0))
    correlation = np.corrcoef(toys.T)[joint.slices["rates-mbl"], joint.slices["evolution-reno"]]
    assert correlation.min() > 0.25  # the flux is common


def test_nonsense_is_refused():
    with pytest.raises(InputError, match="no experiment"):
        JointLikelihood([])
    twice = [load_experiment("reno"), load_experiment("reno")]
    with pytest.raises(InputError, match="each experiment once"):
        JointLikelihood(twice)


@pytest.mark.parametrize("kind", ["profile", "marginal"])
def test_the_table_is_the_likelihood(kind):
    joint = JointLikelihood.load("rates-mbl,evolution-dayabay,solar")
    table = tabulate_likelihood(joint, kind, step=0.004)
    s22, dm2 = points(400, 5)
    dm2 = np.minimum(dm2, 0.1)  # beyond, the compiled averages are rough between nodes
    exact = joint.marginal(s22, dm2) if kind == "marginal" else joint.chi2(s22, dm2)
    inside = exact < exact.min() + 25
    assert np.abs(table(s22, dm2) - exact)[inside].max() < 0.02
    assert table.null == pytest.approx(
        float((joint.marginal if kind == "marginal" else joint.chi2)(np.zeros(1), np.ones(1))[0])
    )
    again = tabulate_likelihood(joint, kind, step=0.004)
    assert np.array_equal(again.values, table.values)
    with pytest.raises(InputError, match="outside the tabulated range"):
        table(np.array([0.1]), np.array([200.0]))


def test_the_target_is_what_samplers_know(joint):
    target = sterile_target(joint, tabulated=False)
    assert isinstance(target, SterileTarget)
    theta = target.model.prior.sample(6, np.random.default_rng(0))
    s22, dm2 = 10 ** theta[:, 0], 10 ** theta[:, 1]
    assert_allclose(target.log_likelihood(theta), -0.5 * joint.marginal(s22, dm2))
    assert_allclose(target.log_prior(theta), -np.log(16))
    u = target.chart.from_parameters(theta)
    assert_allclose(target.log_posterior_in(target.chart, u), target.log_likelihood(theta))
    assert target.log_likelihood(np.array([[-1.0, 3.0]]))[0] == -np.inf
    assert target.null_log_likelihood == pytest.approx(
        -0.5 * joint.marginal(np.zeros(1), np.ones(1))[0]
    )
    forward = target.model.forward(theta)
    assert forward.shape == (6, len(target.model.observables))
    assert np.isnan(target.model.forward(np.array([[-1.0, 3.0]]))).all()
    data = target.model.simulate(theta, np.random.default_rng(1))
    assert data.shape == forward.shape
    assert target.measurement is None
    assert target.describe()["measurement"]["nuisances"] == "marginal"
    best = theta[[np.argmax(target.log_likelihood(theta))]]
    assert target.within_three_sigma(best).shape == (1,)
    assert target.describe()["model"]["name"] == "sterile"
