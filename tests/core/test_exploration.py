"""What a problem offers to the explorer: nothing is needed."""

from pontecorvo.core.exploration import Exploration, Forecast, Part, PlaneAnswer
from pontecorvo.core.problem import Problem
from pontecorvo.core.settings import StudySettings


def test_a_problem_needs_say_nothing():
    class Plain(Problem):
        kind = "plain"

    found = Plain(StudySettings()).explore()
    assert found == Exploration()
    assert found.switchboard is None
    assert not found.panels


def test_values_are_kept():
    assert Forecast("a", "A", {"x": (1.0, 2.0)}).errors["x"] == (1.0, 2.0)
    assert Part("a", "A").on
    assert PlaneAnswer([], None, []).best is None
