"""Extras are refused before a draw, or say the same in words and in numbers."""

import json

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.flavour.structure import extras
from pontecorvo.problems.flavour.structure.attributions import Attributions
from pontecorvo.problems.flavour.structure.explain_study import explain_study
from pontecorvo.problems.flavour.structure.symbolic import Formula


def test_missing_packages_are_named_before_anything_is_drawn(monkeypatch, tmp_path):
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "shap" else name)
    with pytest.raises(InputError, match=r"--extras: shap missing; .*pontecorvo\[explain\]"):
        explain_study("seesaw-no", tmp_path / "out", extras=True)
    assert not (tmp_path / "out").exists()


def test_words_and_numbers_agree(monkeypatch):
    made = Formula("sub(X0, X1)", ("a", "b"), 0.75, 0.02)
    shares = Attributions(("b", "a"), np.array([0.4, 0.1]), np.array([0.3, -0.1]), 0.8, 0.01)
    monkeypatch.setattr(extras, "formula", lambda *given, seed: made)
    monkeypatch.setattr(extras, "attributions", lambda *given, seed: shares)
    said, numbers = extras.learned(None, None, None, 0)
    assert "sub(X0, X1), with X0 is a; X1 is b" in said[0]
    assert "75.0 +- 2.0 % of unseen draws" in said[0]
    assert "tell 80.0 +- 1.0 % right" in said[1]
    assert "b (0.40), a (0.10)" in said[1]
    assert json.loads(json.dumps(numbers))["attributions"]["means"] == [0.3, -0.1]
