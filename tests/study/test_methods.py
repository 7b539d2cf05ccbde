"""Methods by name: which one draws a study, and the effort that its settings ask for."""

from types import SimpleNamespace
from typing import get_args

import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.core.settings import SamplerSettings
from pontecorvo.problems.seesaw.settings import SeesawSettings
from pontecorvo.study.catalog import load_problem
from pontecorvo.study.methods import CLASSICAL, chosen_chart, method_of, sampler_of


def seesaw(**changes):
    return load_problem("seesaw-no", changes)


def test_the_settings_name_every_method():
    named = {
        name
        for part in get_args(SeesawSettings.model_fields["method"].annotation)
        for name in get_args(part)
    }
    assert named == {*CLASSICAL, "network"}


def test_the_best_that_serves():
    assert method_of(seesaw()) == "network"
    assert method_of(seesaw(method="smc")) == "smc"
    assert method_of(seesaw(prior={"log10_M_max": 16.5})) == "exact", "no network for this prior"
    assert method_of(load_problem("founding-paper")) == "founding-paper"
    with pytest.raises(InputError, match="did you mean 'founding-paper'"):
        method_of(
            SimpleNamespace(
                samplers=lambda: {"founding-paper": None},
                settings=SimpleNamespace(method="founding"),
            )
        )


@pytest.mark.parametrize(
    ("method", "place", "settings", "expected"),
    [
        ("exact", "pontecorvo.samplers.exact.sample_exact",
         {"proposals": 70000, "max_steps": 101}, {"proposals": 70000, "max_steps": 101}),
        ("nautilus", "pontecorvo.samplers.nautilus_adapter.sample_nautilus",
         {"live": 123}, {"live": 123}),
    ],
)  # fmt: skip
def test_efforts_reach_their_sampler(monkeypatch, method, place, settings, expected):
    calls = []
    monkeypatch.setattr(place, lambda *a, **k: calls.append((a, k)))
    problem = seesaw(method=method, sampler=settings)
    sampler_of(problem, method)(problem.target, 7, 3, None)
    ((target, draws, seed, folder), options) = calls[0]
    assert (target, draws, seed, folder) == (problem.target, 7, 3, None)
    assert options.pop("chart") is problem.target.chart
    assert options == expected


def test_efforts_by_position(monkeypatch):
    calls = []
    for place in ("smc.sample_smc", "emcee_adapter.sample_emcee"):
        monkeypatch.setattr(f"pontecorvo.samplers.{place}", lambda *a, **k: calls.append((a, k)))
    problem = seesaw(sampler={"particles": 777, "walkers": 66, "coordinates": "parameters"})
    sampler_of(problem, "smc")(problem.target, 7, 3, None)
    sampler_of(problem, "emcee")(problem.target, 7, 3, None)
    assert calls[0][0][4].particles == 777
    assert calls[0][0][5] is problem.target.raw_chart
    assert calls[1][0][4] == 66
    assert calls[1][1]["chart"] is problem.target.raw_chart


def test_rounds_and_lift(monkeypatch):
    calls = []
    monkeypatch.setattr("pontecorvo.sbi.truncated_posterior", lambda *a, **k: calls.append(k))
    problem = seesaw(sampler={"rounds": 3, "simulations": 200, "flow": "npse"})
    sampler_of(problem, "rounds")(problem.target, 7, 3, None)
    options = calls[0]["options"]
    assert (options.rounds.rounds, options.rounds.simulations, options.flow) == (3, 200, "npse")
    sterile = load_problem("sterile")
    with pytest.raises(InputError, match="lift: needs a measurement"):
        CLASSICAL["lift"](SamplerSettings(), sterile.target, 1, 0, None)
    with pytest.raises(InputError, match="coordinates lift"):
        chosen_chart(sterile.target, SamplerSettings(coordinates="lift"))


def test_an_effective_size_is_drawn_for_block_by_block(monkeypatch):
    blocks = []

    def until(block, wanted, seed, first, most):
        return blocks.append((wanted, seed, first, most)) or block(first, 99)

    monkeypatch.setattr("pontecorvo.sbi.adaptive_draws.draw_until", until)
    monkeypatch.setitem(CLASSICAL, "exact", lambda settings, *a: a)
    problem = seesaw(ess=500, method="exact", draws=10)
    target, draws, seed, folder = sampler_of(problem, "exact")(problem.target, 10, 4, None)
    assert blocks == [(500.0, 4, 500, 50_000)]
    assert (target, draws, seed, folder) == (problem.target, 500, 99, None)
