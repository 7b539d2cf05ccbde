"""A run's own likelihood against the exact one: a table that is off is found out."""

import numpy as np

from pontecorvo.problems.sterile.fits import JOINT, Fit, Settings
from pontecorvo.problems.sterile.follow import neural_part
from pontecorvo.problems.sterile.joint import JointLikelihood
from pontecorvo.problems.sterile.model import sterile_target
from pontecorvo.problems.sterile.run_checks import TABLE_ERROR, check_table
from pontecorvo.problems.sterile.settings import SterileSettings


def test_a_table_that_is_off_fails():
    joint = JointLikelihood.load("gallium,solar")
    fit = Fit(JOINT, "", tuple(joint.experiments), Settings())
    target = sterile_target(joint)
    theta = target.model.prior.sample(50, np.random.default_rng(1))
    good = check_table(target, fit, theta)
    assert good.passed
    assert good.statistic < 1e-3
    target.table.values[:] += 2 * TABLE_ERROR + 0.01
    bad = check_table(target, fit, theta)
    assert not bad.passed
    assert "at most 0.05" in bad.line


def test_networks_may_be_switched_off(tmp_path, monkeypatch):
    settings = SterileSettings(neural="none")
    assert neural_part(settings, {}, {}, tmp_path) == (None, None)
    monkeypatch.setattr(SterileSettings, "networks", lambda self: None)
    section, result = neural_part(SterileSettings(), {}, {}, tmp_path)
    assert "ships no networks" in section.body
    assert result is None
