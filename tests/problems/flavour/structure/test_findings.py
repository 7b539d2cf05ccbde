"""Sentences say what the numbers say."""

import numpy as np

from pontecorvo.problems.flavour.structure.findings import CandidateRow, InvariantRow
from pontecorvo.problems.flavour.structure.weighted_tests import Information, Share

SHARE = Share(0.01, 0.5, 0.05, 10.0, 1.0, 1e-9)


def test_candidate_sentences():
    texts = {
        v: CandidateRow("TM1", "it holds", "", SHARE, SHARE, v).text
        for v in ("structure", "measurement", "not separable", "nothing")
    }
    assert "50 % of the posterior and 5 % of the prior, 10 times as often" in texts["structure"]
    assert texts["measurement"].endswith("the measurement given back.")
    assert "too few draws" in texts["not separable"]
    assert texts["nothing"].endswith("nothing beyond the prior.")


def test_invariant_sentences():
    def row(verdict, measured, remains):
        bits = [None if b is None else Information(b, 0.0) for b in (measured, remains)]
        return InvariantRow("x", Information(0.4, 0.0), *bits, 0.5, 1.0, 2.0, verdict).text

    assert "the measurement alone gives 0.300; 0.100 remain" in row("structure", 0.3, 0.1)
    assert "too few draws" in row("not separable", None, None)
    assert row("nothing", 0.0, 0.0).endswith("nothing beyond the prior.")
    assert np.char.count(row("nothing", 0.0, 0.0), "0.400") == 1
