"""A planted zero gets the credit; where there is nothing, nothing is told."""

import sys

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.base.seeds import stream
from pontecorvo.problems.flavour.structure.attributions import attributions
from pontecorvo.problems.flavour.structure.explain import explain
from pontecorvo.problems.flavour.structure.planted import PLANTED

BY_NAME = {p.name: p for p in PLANTED}


def _case(name):
    rng = stream(0, "attributions", name)
    posterior, prior = BY_NAME[name].posterior(500, rng), BY_NAME[name].prior(800, rng)
    return explain(posterior, prior), posterior, prior


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "there"), [("texture zero", True), ("nothing", False)])
def test_credit(name, there):
    pytest.importorskip("shap", reason="needs the extra shap")
    found = attributions(*_case(name))
    assert np.all(np.diff(found.sizes) <= 0)
    assert np.all(np.abs(found.means) <= found.sizes + 1e-12)
    if there:
        assert found.accuracy > 0.9
        assert "Y[e,1]" in found.names[0]
        assert found.means[0] > 0  # it speaks for the posterior
    else:
        assert abs(found.accuracy - 0.5) < 5 * found.error


def test_missing_extra_is_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "shap", None)
    with pytest.raises(InputError, match="pip install shap"):
        attributions(*_case("texture zero"))
