"""A sterile run's page: its story first, the draws' own verdict further down."""

from types import SimpleNamespace

import numpy as np
import pytest

from pontecorvo.core.draws import Draws
from pontecorvo.core.problem import RunView
from pontecorvo.problems.sterile.report import sterile_page
from pontecorvo.study.catalog import load_problem
from pontecorvo.study.posterior_file import build_groups


@pytest.mark.parametrize(("contradicted", "state"), [(True, "bad"), (False, "plain")])
def test_the_story_heads_the_page(monkeypatch, tmp_path, contradicted, state):
    written = []
    monkeypatch.setattr(sterile_page, "write_page", lambda *a, **k: written.append((a, k)))
    target = load_problem("sterile", {"experiments": "gallex,sage"}).target
    theta = target.model.prior.sample(60, np.random.default_rng(0))
    zero = np.zeros(60)
    draws = Draws(theta, zero, zero, zero, -1.0, 0.1, 0.5, 60.0, True, "exact")
    summary = {"study": "mine", "converged": True, "ess": 60.0, "method": "exact"}
    story = SimpleNamespace(
        contradicted=contradicted,
        verdict="what it says",
        lines=[("a", "b")],
        tiles=[("x", "1", "")],
    )
    own = object()
    run = RunView(tmp_path, build_groups(target.model, draws), summary, extra=[own])
    sterile_page.write_sterile(target, run, story, "A title")
    (((out, title, subtitle, headline, sections, tiles), options),) = written
    assert (out, title) == (tmp_path, "A title")
    bins = sum(one.size for one in target.model.joint.experiments)
    assert subtitle.startswith(f"Study mine: 2 experiments, {bins} data points")
    verdict = options["verdict"]
    assert (verdict.state, verdict.text, verdict.rows) == (state, "what it says", [("a", "b")])
    assert "only 60 effective draws" in headline[0]
    assert sections[0] is own, "what the problem adds stands before the draws"
    assert sections[1].title == "Draws of the posterior"
    assert [figure.name for figure in sections[1].figures] == ["corner-parameters"]
    assert tiles[0].label == "x"
    assert options["warning"] == ""
