"""Which network serves a study, and what is refused; the settings of its training and checks."""

import json
from pathlib import Path

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.core.problem import CheckRequest
from pontecorvo.diagnostics.calibration import Answers
from pontecorvo.diagnostics.test_posteriors import Fault, make_trials
from pontecorvo.sbi.amortised import NetworkOptions
from pontecorvo.study.amortised_network import (
    REFERENCE_PROPOSALS,
    exact_reference,
    is_lifted,
    load_network,
    model_card,
    network_card,
    network_options,
    serves,
)
from pontecorvo.study.catalog import load_problem
from pontecorvo.study.certificate_files import identity
from pontecorvo.study.check_network import check_network, guidance_of
from pontecorvo.study.network_training import (
    flow_settings,
    random_what_if,
    summary_of_worths,
    train_settings,
    what_if_worths,
)


def seesaw(**changes):
    return load_problem("seesaw-no", changes)


def test_the_shipped_network_serves_its_model_and_no_other():
    assert serves(seesaw())
    assert serves(seesaw(draws=7, seed=3))
    assert not serves(seesaw(prior={"yukawa_max": 0.5}))
    assert not serves(seesaw(vev=246.0))
    assert not serves(load_problem("sterile"))
    card = model_card(seesaw().target.model)
    assert "observables" not in card
    assert card == model_card(seesaw(include_delta=True).target.model)


def test_a_network_of_another_model_is_refused_with_what_differs():
    card = seesaw().shipped_network()
    with pytest.raises(InputError, match=r"was trained for vev_GeV 174\.1, not 246"):
        load_network(seesaw(vev=246.0, network={"file": card}))
    with pytest.raises(
        InputError, match=r"no such file.*pontecorvo train seesaw-no --out .*absent"
    ):
        network_card(seesaw(network={"file": Path("absent.json")}))
    with pytest.raises(InputError, match="no network ships for it"):
        network_card(load_problem("juno"))
    assert network_card(seesaw()) == card


def test_settings_say_how_it_is_used():
    options = network_options(seesaw(network={"guidance": 2, "nodes": 7, "defensive": 0.1}))
    assert (options.guidance, options.nodes, options.defensive) == (2.0, 7, 0.1)


def test_a_lift_network_is_told_by_its_card(tmp_path):
    for content, expected in (
        ({"calibration": {"lift": {"k": 1}}}, True),
        ({"calibration": {}}, False),
        ([], False),
    ):
        (tmp_path / "net.json").write_text(json.dumps(content))
        assert is_lifted(tmp_path / "net.json") is expected
    assert not is_lifted(tmp_path / "absent.json")


def test_exact_draws_beneath(monkeypatch):
    assert exact_reference(seesaw(network={"reference": 0})) is None
    assert exact_reference(load_problem("modular-a4-no")) is None, (
        "no chart: blind draws hit nothing"
    )
    problem, calls = seesaw(network={"reference": 123}, sampler={"max_steps": 150}), []
    monkeypatch.setattr(
        "pontecorvo.samplers.exact.sample_exact", lambda *a, **k: calls.append((a, k))
    )
    reference = exact_reference(problem)
    assert reference.draws == 123
    reference.sampler(problem.target, 9, 4, None)
    ((target, draws, seed, folder), options) = calls[0]
    assert (target, draws, seed, folder) == (problem.target, 9, 4, None)
    assert options["proposals"] == REFERENCE_PROPOSALS
    assert options["max_steps"] == 150
    assert options["chart"] is problem.target.chart


# training


def test_training_settings_reach_flow_and_training():
    training = seesaw(
        training={"width": 40, "blocks": 2, "steps": 77, "batch": 32, "features": True, "seed": 5,
                  "model_guidance": 3, "dropout": 0.2, "coordinates": "logit", "path": "vp"}
    ).settings.training  # fmt: skip
    flow = flow_settings(training, "seesaw-no")
    assert (flow.network.width, flow.network.blocks, flow.network.features) == (40, 2, "seesaw-no")
    assert (flow.model_guidance, flow.coordinates, flow.path["name"]) == (3.0, "logit", "vp")
    plain = flow_settings(seesaw().settings.training, "seesaw-no")
    assert (plain.network.features, plain.model_guidance) == ("", None)
    train = train_settings(training)
    assert (train.steps, train.batch, train.dropout, train.seed) == (77, 32, 0.2, 5)


def test_random_questions_stay_in_the_range():
    problem = seesaw()
    flow = load_network(problem)
    rng = np.random.default_rng(0)
    factors = []
    for _ in range(50):
        asked = random_what_if(flow, problem.measurement, rng)
        for q, now in zip(asked.quantities, problem.measurement.quantities, strict=True):
            low, high = flow.conditions.range[q.name]
            assert low < q.low < q.central < q.high < high
            assert (q.low, q.high) == pytest.approx(
                (q.central - 3 * q.plus, q.central + 3 * q.plus)
            )
            factors.append(q.sigma / now.sigma)
    assert min(factors) > 1 / 5.01
    assert 1.5 < max(factors) <= 2


def test_worth_over_random_measurements(tmp_path):
    problem = seesaw()
    flow = load_network(problem)
    first = what_if_worths(flow, problem, 3, 100, NetworkOptions(nodes=4), tmp_path)
    kept = sorted(tmp_path.glob("what-if-*.npz"))
    assert len(kept) == 3
    assert (first > 0.3).all()
    assert (first < 1).all()
    again = what_if_worths(flow, problem, 3, 100, NetworkOptions(nodes=4), tmp_path)
    np.testing.assert_array_equal(first, again)
    annealed = NetworkOptions(nodes=4, anneal=16, features=problem.feature_map())
    carried = what_if_worths(flow, problem, 1, 420, annealed, tmp_path)
    assert 0.3 < carried[0] < 1
    told = summary_of_worths(np.linspace(0, 1, 101), 100)
    assert told["efficiency_5_percent"] == pytest.approx(0.05)
    assert told["efficiency_median"] == pytest.approx(0.5)
    assert told["below_0.02"] == 2


# its certificate


def request(out, **extras):
    return CheckRequest("seesaw-no", out, 200, 50, 1, None, extras)


def test_guidance_of_a_check(tmp_path):
    assert guidance_of(request(tmp_path)) == 1.0
    assert guidance_of(request(tmp_path, guidance="2.5")) == 2.5
    with pytest.raises(InputError, match="--guidance 'much'"):
        guidance_of(request(tmp_path, guidance="much"))


@pytest.mark.parametrize(("fault", "passed"), [("right", True), ("too narrow", False)])
def test_a_network_is_judged_by_its_answers(tmp_path, monkeypatch, fault, passed):
    asked = []

    def answers(problem, simulations, draws, seed, folder, guidance):
        asked.append((simulations, draws, seed, guidance))
        trials = make_trials(fault, simulations, draws, seed, Fault(width=1.2))
        return Answers(trials, trials.unweighted(), {}, None, 0)

    monkeypatch.setattr("pontecorvo.study.network_trials.network_answers", answers)
    problem = seesaw()
    ((card, check),) = check_network(problem, request(tmp_path, guidance=2))
    assert check.passed is passed, [str(verdict) for verdict in check.corrected]
    assert card == problem.shipped_network()
    assert check.title == "seesaw-no, guidance scale 2"
    assert check.about["network"] == identity(card)
    assert asked == [(200, 50, 1, 2.0)]
