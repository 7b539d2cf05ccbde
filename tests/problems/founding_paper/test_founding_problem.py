"""The recipe as a problem: what it refuses, and how its page says fractions."""

from types import SimpleNamespace

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.founding_paper.labels import share
from pontecorvo.problems.founding_paper.problem import FoundingPaperProblem
from pontecorvo.problems.founding_paper.report_sections import fraction
from pontecorvo.problems.founding_paper.settings import FoundingSettings


def test_draws_of_the_recipe_are_not_certified():
    problem = FoundingPaperProblem(FoundingSettings())
    assert problem.default_method() == "founding-paper"
    assert set(problem.samplers()) == {"founding-paper"}
    for refused in (
        lambda: problem.train(None),
        lambda: problem.check_networks(None),
        lambda: problem.check_run(SimpleNamespace(out="run"), 0),
    ):
        with pytest.raises(InputError, match=r"own networks|no network|no posterior"):
            refused()


def test_none_accepted_is_an_upper_limit():
    some, none = share(np.arange(100) < 25), share(np.zeros(100, bool))
    assert "0.25" in fraction(some) or "25" in fraction(some)
    assert "<" in fraction(none)
    limit = float("".join(c for c in fraction(none).split("<")[1].split()[0] if c in "0123456789."))
    assert limit == pytest.approx(1 - 0.05 ** (1 / 100), rel=0.1) or limit == pytest.approx(
        100 * (1 - 0.05 ** (1 / 100)), rel=0.1
    )
