"""The five lines at the head of a sterile run say what its numbers say."""

import numpy as np
import pytest

from pontecorvo.frequentist.goodness import ParameterGoodness
from pontecorvo.frequentist.toys import count_probability
from pontecorvo.problems.sterile.experiment_registry import load_experiments
from pontecorvo.problems.sterile.fits import JOINT, Settings, sets_of
from pontecorvo.problems.sterile.story import sigma_text, tell, told_tension

SMALL = Settings(
    shape=(9, 9), between=1, tail_trials=2000, goodness_trials=2000, posterior_shape=(31, 81),
    seed=3,
)  # fmt: skip


def pair(first, second, beyond, statistic=12.0, trials=2000):
    values = [20.0] * beyond + [1.0] * (trials - beyond)
    counted = count_probability(np.array(values), statistic)
    return ParameterGoodness(
        (first, second), statistic, counted, 2, 0.0025, (-1.0, 0.0), (1.4, 4.6, 9.2)
    )


@pytest.fixture(scope="module")
def fits():
    return sets_of(load_experiments("danss,gallium,solar"), SMALL)


def test_gallium_against_reactors_heads_the_page(fits):
    tensions = [pair("gallium", "solar", 0), pair("gallium", "reactors", 3)]
    assert told_tension(tensions).names == ("gallium", "reactors")
    assert told_tension(tensions[:1]).names == ("gallium", "solar")
    assert told_tension([]) is None
    story = tell(fits, tensions)
    assert story.contradicted
    assert "no evidence" in story.verdict
    assert "3.1 sigma" in story.verdict  # (3 + 1) / 2001
    lines = story.plain()
    assert len(lines) <= 5
    assert not any("$" in line or "\\" in line for line in lines)
    joint = fits[JOINT]
    assert f"{joint.null.sigma:.1f} sigma" in lines[0]
    assert f"ln B = {joint.posterior.log_bayes_factor:.1f}" in lines[0]
    assert "look-elsewhere" in lines[0]
    assert f"{joint.best.chi2:.1f}" in lines[1]
    assert "mode" in lines[2]
    assert "mean" in lines[2]
    assert "gallium against reactors" in lines[3]


def test_without_a_second_set_nothing_is_said_of_tension(fits):
    story = tell({"danss": fits["danss"]}, [])
    assert not story.contradicted
    assert "not tested" in story.plain()[3]


def test_a_bound_is_told_as_one():
    assert sigma_text(pair("gallium", "all others", 0)).startswith("more than")
    assert sigma_text(pair("gallium", "reactors", 100)) == "2.0 sigma"


def test_a_best_fit_at_full_mixing_means_nothing(fits):
    """Neither a star nor a place in the headline."""
    assert fits["gallium" if "gallium" in fits else JOINT].meaningful_best
    assert not fits["solar"].meaningful_best
    story = tell({"solar": fits["solar"]}, [])
    assert "none that means anything" in story.plain()[1]
    assert not any(tile[0] == "best fit" for tile in story.tiles)
