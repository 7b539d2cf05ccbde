"""Planted structure is found, and where there is none that is said; pictures show findings."""

import json

import numpy as np
import pytest
from scipy.stats import binom

from pontecorvo.base.errors import InputError
from pontecorvo.base.files import plain
from pontecorvo.base.seeds import stream
from pontecorvo.problems.flavour.structure import figures
from pontecorvo.problems.flavour.structure.explain import explain
from pontecorvo.problems.flavour.structure.planted import PLANTED
from pontecorvo.problems.flavour.structure.structure_draws import StructureDraws

BY_NAME = {p.name: p for p in PLANTED}


def _findings(name, seed=0, n=400, k=1500, **options):
    kind = BY_NAME[name]
    rng = stream(seed, "test explain", name)
    posterior = kind.posterior(n, rng)
    return explain(posterior, kind.prior(k, rng), kind.measured, **options)


@pytest.mark.parametrize("name", list(BY_NAME))
def test_each_kind_once(name):
    findings = _findings(name)
    assert BY_NAME[name].success(findings)
    assert findings.sentences
    json.dumps(plain(findings.as_json()))


def test_nothing_is_an_answer():
    findings = _findings("nothing")
    assert findings.found == ()
    assert findings.sentences[0].startswith("Nothing beyond the prior and the measurement in 25")
    assert "no pattern" in findings.charges_text


def test_measurement_given_back_is_told_from_structure():
    findings = _findings("a measurement, nothing else", n=800, k=3000)
    given_back = [r for r in findings.invariants if r.verdict == "measurement"]
    assert given_back
    assert max(r.measured.bits for r in given_back) > 5 * max(r.remains.bits for r in given_back)


def test_too_few_prior_draws_like_the_data_is_said():
    kind = BY_NAME["texture zero"]
    rng = stream(0, "few")
    prior = kind.prior(2500, rng)
    from dataclasses import replace

    far = replace(prior, log_likelihood=np.where(np.arange(2500) < 5, 0.0, -50.0))
    findings = explain(kind.posterior(800, rng), far)
    assert findings.found == ()
    assert "cannot be told from the measurement" in findings.sentences[0]
    assert findings.reference_draws == pytest.approx(5, abs=0.1)


def test_known_draws_of_the_prior_given_the_measurement_are_a_reference():
    kind = BY_NAME["texture zero"]
    rng = stream(1, "known")
    posterior, prior = kind.posterior(500, rng), kind.prior(1500, rng)
    same, other = kind.posterior(1500, rng), BY_NAME["charges"].posterior(1500, rng)
    findings = explain(posterior, prior, known=same)
    assert findings.found == ()
    assert any("given back" in s for s in findings.sentences)
    assert explain(posterior, prior, known=other).found


def test_evidence_of_the_symmetric_model_stands_in_the_sentence():
    findings = _findings("mu-tau reflection", evidence={"mu-tau reflection": (3.21, 0.05)})
    assert any("3.21 +- 0.05" in s for s in findings.sentences)


def test_partial_correlation_of_heavy_masses():
    rng = np.random.default_rng(5)
    n = 1500
    y = rng.normal(size=(n, 3, 3)) + 1j * rng.normal(size=(n, 3, 3))
    common = rng.uniform(0, 2, n)
    low, middle = 10 ** (12 + common), 10 ** (14.1 + common + 0.05 * rng.random(n))
    m = np.stack([low, middle, 10 ** rng.uniform(17, 18, n)], axis=1)
    prior = StructureDraws(y, np.sort(10 ** rng.uniform(12, 18, (n, 3)), axis=1))
    found = explain(StructureDraws(y, m), prior).partial_correlations
    assert found["log M1, log M2 given the scale of Y"][0] > 0.99
    assert abs(found["log M2, log M3 given the scale of Y"][0]) < 0.1


def test_other_model_is_refused():
    kind = BY_NAME["nothing"]
    rng = stream(0, "refused")
    prior = kind.prior(100, rng)
    with pytest.raises(InputError, match="posterior with 2 heavy"):
        explain(StructureDraws(prior.y[:, :, :2], prior.m[:, :2]), prior)


def test_figures_show_the_findings():
    findings = _findings("charges")
    canvas = figures.charges_figure(findings)
    texts = [t.get_text() for t in canvas.axes[0].texts]
    assert len(texts) == 9
    assert r"\epsilon^{3}" in texts[0]  # charges 2 + 1
    correlations = figures.correlations_figure(findings)
    shown = correlations.axes[0].images[0].get_array()
    np.testing.assert_allclose(shown[0, 1], findings.correlations[0, 1])
    bars = figures.invariants_figure(findings, most=6)
    widths = [p.get_width() for p in bars.axes[0].patches]
    assert max(widths) == pytest.approx(max(r.total.bits for r in findings.invariants))
    points = figures.candidates_figure(findings)
    assert len(points.axes[0].get_yticklabels()) == len(findings.candidates)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(BY_NAME))
def test_rates(name):
    """Found in at least 95 %, false alarms in at most 5 %: not refuted at 1 % by the counts."""
    runs = 60
    right = sum(BY_NAME[name].success(_findings(name, seed, 1000, 4000)) for seed in range(runs))
    print(f"{name}: right in {right} of {runs}")
    assert binom.cdf(right, runs, 0.95) > 0.01
