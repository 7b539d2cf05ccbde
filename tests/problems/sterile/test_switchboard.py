"""Experiments switched on and off: the same numbers as the fits of `contour`."""

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.sterile.experiment_registry import load_experiments
from pontecorvo.problems.sterile.fits import Fit, Settings
from pontecorvo.problems.sterile.joint import JointLikelihood
from pontecorvo.problems.sterile.settings import SterileSettings
from pontecorvo.problems.sterile.switchboard import Switches
from pontecorvo.study.catalog import load_problem

NAMES = ["danss", "neos", "gallex", "sage", "best"]


@pytest.fixture(scope="module")
def board():
    found = Switches(SterileSettings(experiments=NAMES, data="none"))
    steps = []
    found.warm(steps.append)
    assert sum(steps) == len(NAMES)
    return found


def number(answer, name):
    return float(dict(answer.numbers)[name].split()[0])


@pytest.mark.parametrize("on", [NAMES, ["gallex", "best"], ["danss"]])
def test_numbers_are_those_of_the_fit(board, on):
    answer = board.answer(on, ["wilks", "bayes"], [0.95])
    fit = Fit("test", "test", tuple(load_experiments(on)), Settings(posterior_shape=(61, 121)))
    joint = JointLikelihood(load_experiments(on))
    at_best = joint.chi2(10.0 ** np.array([answer.best[0]]), 10.0 ** np.array([answer.best[1]]))
    assert number(answer, "χ² at best fit / data points") == pytest.approx(at_best[0], abs=0.06)
    assert at_best[0] < fit.best.chi2 + 0.1
    assert number(answer, "χ² without oscillation") == pytest.approx(fit.best.null_chi2, abs=0.06)
    wanted = fit.posterior.log_bayes_factor
    assert number(answer, "ln Bayes factor, 3+1 over none") == pytest.approx(wanted, abs=0.1)


def test_lines_are_where_chi2_has_risen(board):
    on = ["gallex", "sage", "best"]
    answer = board.answer(on, ["wilks"], [0.95])
    joint = JointLikelihood(load_experiments(on))
    best = joint.chi2(10.0 ** np.array([answer.best[0]]), 10.0 ** np.array([answer.best[1]]))[0]
    inside = [
        line[(line[:, 0] < -0.05) & (line[:, 1] > -1.9) & (line[:, 1] < 1.9)]
        for _, _, line in answer.lines
    ]
    points = np.concatenate(inside)
    rise = joint.chi2(*(10.0**points.T)) - best
    assert np.median(np.abs(rise - 5.991)) < 0.1


def test_what_is_not_there_is_refused(board):
    with pytest.raises(InputError, match="switch one on"):
        board.answer([], ["wilks"], [0.95])
    with pytest.raises(InputError, match="is not in this study"):
        board.answer(["bugey3"], ["wilks"], [0.95])
    with pytest.raises(InputError, match="method"):
        board.answer(["danss"], ["feldman-cousins"], [0.95])


def test_study_and_commands(board):
    assert board.study(["best", "danss"])["experiments"] == ["danss", "best"]
    commands = board.commands(["danss", "best"], ["wilks"])
    assert commands == [
        f"pontecorvo contour --experiments danss,best --method {method} --out {method}"
        for method in ("wilks", "feldman-cousins")
    ]
    other = Switches(
        SterileSettings(
            experiments=["danss"], data="none", flux="sm", options={"energy_scale": "gaussian"}
        )
    )
    assert "--flux sm --option energy_scale=gaussian" in other.commands(["danss"], ["wilks"])[0]


def test_the_problem_offers_it(monkeypatch):
    problem = load_problem("sterile", {"experiments": ["danss"]})
    assert [part.name for part in problem.explore().switchboard.parts] == ["danss"]
    assert problem.explore().switchboard.parts[0].group == "Reactor spectra"
