"""Where draws come from: a run's, a network's, one of the lift."""

import numpy as np
import pytest

from explorer_toy import toy_problem
from pontecorvo.base.errors import InputError
from pontecorvo.explore import sources
from pontecorvo.explore.sources import (
    LiftedSource,
    NetworkSource,
    RunSource,
    RunWithNetwork,
    network_source,
    reweighted,
)
from pontecorvo.study.catalog import load_problem
from pontecorvo.study.finished_run import open_run
from pontecorvo.study.what_if import changed_measurement
from weighted_run import answer, draw, finished


def never():
    return False


def moved(problem, centre, sigma=0.5):
    return problem.measured(changed_measurement(problem.measurement, {"x": centre}, {"x": sigma}))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return open_run(finished(tmp_path_factory.mktemp("toy") / "run"))


def test_a_run_answers_as_it_is(run):
    problem = toy_problem()
    found, origin = RunSource(run, problem).answer(problem.target)
    assert origin == "the run's own draws"
    np.testing.assert_array_equal(found.log_weight, run.log_weight)
    assert found.ess == pytest.approx(run.summary["ess"])


def test_a_run_reweighted_has_the_evidence_of_the_formula(run):
    problem = toy_problem()
    found, origin = RunSource(run, problem).answer(moved(problem, 1.2, 0.4))
    assert "reweighted" in origin
    assert abs(found.log_evidence - answer(1.2, 0.4)[2]) < 4 * found.log_evidence_error


def test_a_run_asks_its_network_elsewhere(run):
    problem = toy_problem()

    class Network:
        asked = 0

        def answer(self, target):
            self.asked += 1
            return draw(target, 100, 1, None), "network"

        def better(self, target):
            return True

        def improve(self, target, stop):
            self.improved = target

    network = Network()
    source = RunWithNetwork(run, problem, network)
    assert source.answer(problem.target)[1] == "the run's own draws"
    assert not source.better(problem.target)
    away = moved(problem, 1.2)
    assert source.answer(away)[1] == "network"
    assert source.better(away)
    source.improve(away, never)
    assert network.improved is away


def test_a_lifted_network_is_reweighted_until_it_has_drawn(monkeypatch):
    problem = toy_problem()
    monkeypatch.setattr(sources, "network_sampler", lambda problem: draw)
    source = LiftedSource(problem, 4000, 1)
    assert source.answer(problem.target)[1] == "drawn here"
    away = moved(problem, 1.0)
    found, origin = source.answer(away)
    assert origin == "reweighted"
    assert abs(found.log_evidence - answer(1.0)[2]) < 4 * found.log_evidence_error
    assert source.better(away)
    source.improve(away, lambda: True)
    assert source.better(away)
    source.improve(away, never)
    assert not source.better(away)
    # no draws to speak of there: the network is asked at once
    assert source.answer(moved(problem, 5.0, 0.05))[1] == "drawn here"


def test_draws_without_density_are_not_reweighted():
    problem = toy_problem()
    bare = draw(problem.target, 100, 1, None)
    bare.log_q = None
    with pytest.raises(InputError, match="have no density"):
        reweighted(bare, problem.target)


@pytest.fixture(scope="module")
def network():
    source = network_source(load_problem("seesaw-no"), 256, 3)
    assert isinstance(source, NetworkSource)
    source.draw(source.home, never)
    return source


def test_a_network_answers_here_and_near_by(network):
    problem = network.problem
    here, origin = network.answer(problem.target)
    assert origin == "drawn here"
    assert len(here.theta) == 256
    near = problem.measured(changed_measurement(problem.measurement, {"sin2_theta23": 0.5}, {}))
    carried, origin = network.answer(near)
    assert origin == "carried from near by"
    assert carried.ess > 0.7 * here.ess
    assert not network.better(near)


def test_a_network_refuses_out_of_its_range(network):
    problem = network.problem
    far = problem.measured(changed_measurement(problem.measurement, {"sin2_theta23": 0.69}, {}))
    with pytest.raises(InputError, match=r"leaves the range \[0.3, 0.7\]"):
        network.answer(far)


def test_a_network_stops_when_told(network):
    source = NetworkSource(network.problem, 4000, 3)
    source.draw(source.home, lambda: len(source.home) > 0)
    assert len(source.home) == sources.BLOCK
    assert source.better(network.problem.target)
    with pytest.raises(InputError, match="nothing is drawn yet"):
        NetworkSource(network.problem, 256, 3).answer(network.problem.target)


def test_blocks_do_not_depend_on_where_it_stopped(network):
    source = NetworkSource(network.problem, 256, 3)
    source.draw(source.home, lambda: len(source.home) > 0)
    source.improve(network.problem.target, never)
    np.testing.assert_array_equal(source.home.carried.u, network.home.carried.u)


@pytest.mark.slow
def test_a_pool_that_has_lost_its_draws_is_drawn_anew(network, monkeypatch):
    """A measured phase leaves few of the network's draws; then it is asked anew."""
    monkeypatch.setattr(sources, "FALL", 2.0)
    problem = network.problem
    away = problem.measured(changed_measurement(problem.measurement, {"sin2_theta23": 0.6}, {}))
    source = NetworkSource(problem, 256, 3)
    source.draw(source.home, never)
    assert source.better(away)
    source.improve(away, never)
    assert source.answer(away)[1] == "drawn here"
    assert not source.better(away)
