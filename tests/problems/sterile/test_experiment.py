"""The smallest complete experiment, and what the protocol makes of it."""

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.sterile.experiment import Block, Experiment, check_points
from pontecorvo.problems.sterile.experiment_registry import Setting, expand, load_experiment
from pontecorvo.problems.sterile.linear import Group, group_chi2


class TwoDistances(Experiment):
    """Rates at a few distances and 4 MeV with a normalisation pull: a whole new experiment."""

    source, licence = "invented", "MIT"
    distances = np.array([8.0, 12.0, 20.0])

    def __init__(self, name="two-distances", nuisances=("flux",), statistic="gaussian", scale=1.0):
        self.name = self.title = name
        self.nuisances = nuisances
        self.statistic = statistic
        self.scale = scale
        self.data = np.array([0.97, 0.94, 1.01]) * scale
        labels = tuple(f"{d:g} m" for d in self.distances)
        self.blocks = (Block("rates", slice(0, 3), labels=labels, y="measured / predicted"),)

    def predict(self, s22, dm2):
        s22, dm2 = check_points(s22, dm2)
        phase = 1.267 * dm2[:, None] * self.distances / 4.0
        return self.scale * (1 - s22[:, None] * np.sin(phase) ** 2)

    def response(self, s22, dm2):
        return 0.03 * self.predict(s22, dm2)[:, :, None].repeat(len(self.nuisances), axis=2)

    def covariance(self, prediction=None, data=None):
        return np.diag([0.02, 0.02, 0.03]) ** 2 * self.scale**2


@pytest.fixture
def points():
    rng = np.random.default_rng(5)
    return rng.random(40), 10 ** rng.uniform(-2, 2, 40)


def folded(experiments, s22, dm2, data):
    """The same chi2 the long way: pulls folded into one covariance, point by point."""
    group = Group(experiments)
    total = []
    for i in range(len(s22)):
        p = group.predict(s22[i : i + 1], dm2[i : i + 1])[0]
        a = group.response(s22[i : i + 1], dm2[i : i + 1])[0]
        covariance = np.zeros((group.size, group.size))
        for member, bins in zip(experiments, group.slices.values(), strict=True):
            covariance[bins, bins] = member.covariance()
        total.append((data - p) @ np.linalg.solve(covariance + a @ a.T, data - p))
    return np.array(total)


def test_chi2_is_that_of_the_folded_covariance(points):
    experiment = TwoDistances()
    expected = folded([experiment], *points, experiment.data)
    np.testing.assert_allclose(experiment.chi2(*points), expected, rtol=1e-10)


def test_shared_nuisances_are_shared(points):
    pair = [TwoDistances("a"), TwoDistances("b", ("flux", "own"))]
    data = np.concatenate([m.data for m in pair])
    joint = group_chi2(pair, *points)
    np.testing.assert_allclose(joint, folded(pair, *points, data), rtol=1e-9)
    apart = sum(member.chi2(*points) for member in pair)
    assert np.abs(joint - apart).max() > 1  # counting the shared pull twice is another chi2


def test_a_data_set_of_its_own_at_every_point(points):
    pair = [TwoDistances("a"), TwoDistances("b", ("flux", "own"))]
    toys = np.concatenate([m.toys(0.1, 1.0, 40, np.random.default_rng(1)) for m in pair], axis=1)
    together = group_chi2(pair, *points, toys)
    alone = [group_chi2(pair, *(x[[k]] for x in points), toys[k])[0] for k in range(40)]
    np.testing.assert_allclose(together, alone, rtol=1e-9)


def test_the_marginal_adds_the_determinant_of_the_folded_covariance(points):
    pair = [TwoDistances("a"), TwoDistances("b", ("flux", "own"))]
    both = group_chi2(pair, *points, with_log_det=True) - group_chi2(pair, *points)
    group = Group(pair)
    for k in range(5):
        a = group.response(*(x[[k]] for x in points))[0]
        covariance = np.zeros((group.size, group.size))
        for member, bins in zip(pair, group.slices.values(), strict=True):
            covariance[bins, bins] = member.covariance()
        assert both[k] == pytest.approx(np.linalg.slogdet(covariance + a @ a.T)[1])


def test_toys_have_the_total_covariance():
    experiment = TwoDistances()
    toys = experiment.toys(0.1, 1.0, 200_000, np.random.default_rng(2))
    a = experiment.response(np.array([0.1]), np.array([1.0]))[0]
    total = experiment.covariance() + a @ a.T
    np.testing.assert_allclose(np.cov(toys.T), total, atol=6e-3 * total.max() ** 0.5 * 0.03)


def test_best_pulls_minimise(points):
    experiment = TwoDistances()
    expectation, pulls = experiment.fitted(0.1, 1.0)
    root = np.diag(experiment.covariance())
    value = ((experiment.data - expectation) ** 2 / root).sum() + pulls @ pulls
    np.testing.assert_allclose(value, experiment.chi2(np.array([0.1]), np.array([1.0]))[0])


def test_poisson_profile_is_the_minimum(points):
    from scipy.optimize import minimize

    experiment = TwoDistances("counts", statistic="poisson", scale=40.0)
    values = experiment.chi2(*points)
    for i in range(4):
        p = experiment.predict(points[0][i : i + 1], points[1][i : i + 1])[0]
        n = experiment.data

        def minus_two_log(eta, p=p, n=n):
            mu = p * (1 + 0.03 * eta[0])
            return 2 * (mu - n + n * np.log(n / mu)).sum() + eta[0] ** 2

        found = minimize(minus_two_log, [0.0], method="Nelder-Mead", options={"xatol": 1e-8})
        assert values[i] == pytest.approx(found.fun, abs=1e-6)


@pytest.mark.parametrize(
    ("s22", "dm2", "word"),
    [(0.1, 1e3, "outside the tabulated range"), (1.2, 1.0, "must lie in"), (np.nan, 1.0, "must")],
)
def test_bad_points_are_refused(s22, dm2, word):
    with pytest.raises(InputError, match=word):
        TwoDistances().predict(np.array([s22]), np.array([dm2]))


def test_a_covariance_that_is_not_positive_is_refused(points, monkeypatch):
    monkeypatch.setattr(TwoDistances, "covariance", lambda self: -np.eye(3))
    with pytest.raises(InputError, match="not positive definite"):
        TwoDistances().chi2(*points)


def test_names():
    assert expand("rates,danss") == ["rates-sbl", "rates-mbl", "danss"]
    assert "prospect" not in expand("reactors")
    assert expand("prospect") == ["prospect"]
    assert expand(["gallium", "best"]) == ["gallex", "sage", "best"]
    with pytest.raises(InputError, match="did you mean 'danss'"):
        expand("dans")
    with pytest.raises(InputError, match="no experiment"):
        expand("")
    with pytest.raises(InputError, match="unknown"):
        load_experiment("nothing")
    with pytest.raises(InputError, match="flux model"):
        Setting(flux="xx")
    assert expand("shipped,best")[-1] == "solar"
    assert "dayabay" not in expand("shipped")
