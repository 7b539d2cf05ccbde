"""What 3+1 and 3+2 ask of the experiments is asked once, in the same words."""

import pytest
from pydantic import ValidationError

from pontecorvo.problems.sterile.experiment_settings import ExperimentSettings
from pontecorvo.problems.sterile.settings import SterileSettings
from pontecorvo.problems.sterile.two_sterile_problem import TwoSterileSettings

BOTH = pytest.mark.parametrize("settings", [SterileSettings, TwoSterileSettings])


@BOTH
def test_names_with_commas_and_sets_become_names(settings):
    assert settings(experiments="best,solar", data="none").experiments == ["best", "solar"]
    gallium = settings(experiments=["gallium"], data="none")
    assert {"best", "sage"} <= set(gallium.experiments)
    assert "gallium" not in gallium.experiments
    assert gallium.in_force()["experiments"] == gallium.experiments
    assert gallium.in_force()["data"] == "none"


@BOTH
def test_a_flux_that_is_none_is_refused_with_those_that_are(settings):
    with pytest.raises(ValidationError, match="'hm'"):
        settings(flux="huber")


def test_the_likelihood_is_that_of_the_names_and_the_setting():
    joint = ExperimentSettings(
        study="x", experiments="best,sage", data="none", gallium_cross_section=0.1
    ).build_joint()
    assert [one.name for one in joint.experiments] == ["best", "sage"]
    assert ExperimentSettings(study="x", data="none").build_setting().gallium_cross_section == 0.02
