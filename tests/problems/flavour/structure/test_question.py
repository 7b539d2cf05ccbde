"""The table that extras learn from: ranked, standardised by the prior, both halves alike."""

import numpy as np

from pontecorvo.base.seeds import stream
from pontecorvo.problems.flavour.structure.explain import explain
from pontecorvo.problems.flavour.structure.planted import PLANTED
from pontecorvo.problems.flavour.structure.question import question


def test_the_table():
    planted = next(p for p in PLANTED if p.name == "texture zero")
    rng = stream(0, "question")
    posterior, prior = planted.posterior(300, rng), planted.prior(500, rng)
    found = explain(posterior, prior)
    asked = question(found, posterior, prior, 5, stream(1, "question"))
    best = max(found.invariants, key=lambda row: row.total.bits).name
    assert (asked.names[0], asked.x.shape) == (best, (800, 5))
    np.testing.assert_allclose(np.median(asked.x[asked.label == 0], axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(np.std(asked.x[asked.label == 0], axis=0), 1)
    halves = [asked.weight[asked.label == one].sum() for one in (0, 1)]
    np.testing.assert_allclose(halves, 400)
    right, error = asked.accuracy(asked.label[asked.held])
    assert (right, error) == (1.0, 0.0)
    assert asked.accuracy(1 - asked.label[asked.held])[0] == 0.0
