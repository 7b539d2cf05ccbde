"""``pontecorvo run sterile-3p2``."""

import json

from pontecorvo.core.registry import find_problem
from pontecorvo.problems.sterile.two_sterile_problem import TwoSterileProblem, TwoSterileSettings


def test_settings_and_target():
    settings = TwoSterileSettings(experiments="best,solar", data="none")
    problem = TwoSterileProblem(settings)
    assert find_problem("sterile-3p2").problem is TwoSterileProblem
    assert problem.title == "3+2: two sterile neutrinos in electron-flavour disappearance"
    assert problem.default_method() == "smc"
    assert problem.plain_settings()["experiments"] == ["best", "solar"]
    assert problem.target.model.joint.name == "best+solar"
    assert len(problem.citations()) == 2


def test_evidence_of_one_stands_beside(tmp_path):
    problem = TwoSterileProblem(TwoSterileSettings(experiments="best,solar", data="none"))
    (section,) = problem.follow(tmp_path, tmp_path, lambda stage, work: work())
    kept = json.loads((tmp_path / "evidence.json").read_text())
    assert f"{kept['ln_bayes_factor_of_3p1']:.2f}" in str(section.body)
    assert kept["ln_bayes_factor_of_3p1"] > 2  # BEST alone
