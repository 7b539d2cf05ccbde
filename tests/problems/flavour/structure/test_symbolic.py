"""A planted structure has a formula that tells held-out draws; none has chance."""

import sys

import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.base.seeds import stream
from pontecorvo.problems.flavour.structure.explain import explain
from pontecorvo.problems.flavour.structure.planted import PLANTED
from pontecorvo.problems.flavour.structure.symbolic import formula

BY_NAME = {p.name: p for p in PLANTED}


def _case(name):
    rng = stream(0, "symbolic", name)
    posterior, prior = BY_NAME[name].posterior(400, rng), BY_NAME[name].prior(600, rng)
    return explain(posterior, prior), posterior, prior


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "above"), [("texture zero", True), ("nothing", False)])
def test_formula(name, above):
    pytest.importorskip("gplearn", reason="needs the extra gplearn")
    found = formula(*_case(name), generations=3, population=60)
    if above:
        assert found.accuracy > 0.9
        assert any("Y[e,1]" in n for n in found.names)
        assert "X" in found.text
    else:
        assert abs(found.accuracy - 0.5) < 5 * found.error


def test_missing_extra_is_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "gplearn", None)
    monkeypatch.setitem(sys.modules, "gplearn.genetic", None)
    with pytest.raises(InputError, match="pip install gplearn"):
        formula(*_case("texture zero"))
