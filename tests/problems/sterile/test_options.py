"""Options of single experiments: every one is known, does something, and a slip is refused."""

import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.sterile.discovery import options
from pontecorvo.problems.sterile.experiment_registry import Setting, load_experiment
from pontecorvo.problems.sterile.experiments.gallium import cross_section_scales
from pontecorvo.problems.sterile.options import option_names, options_of


def test_options_mean_experiments_that_exist():
    option, experiments = options()["gallium.cross_section"]
    assert tuple(cross_section_scales()) == option.values
    assert experiments == ("gallex", "sage", "best")
    assert set(options_of("neos")) == {"energy_scale", "averaging", "wave_packet"}
    assert "bugey3.energy_scale" in option_names()
    assert "reno.energy_scale" not in option_names()


def test_one_experiment_may_differ_from_the_rest():
    options = (("energy_scale", "gaussian"), ("bugey3.energy_scale", "box"))
    setting = Setting(options=options)
    assert setting.choice("energy_scale", "danss") == "gaussian"
    assert setting.choice("energy_scale", "bugey3") == "box"
    assert Setting().choice("energy_scale", "neos") == "box"
    assert load_experiment("danss", setting).nuisances
    assert not load_experiment("bugey3", setting).nuisances


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (("energy-scale", "box"), "did you mean 'energy_scale'"),
        (("reno.energy_scale", "box"), "is unknown"),
        (("averaging", "precise"), "allowed: exact, compiled"),
        (("carbon.damping", "nan"), "zero or more"),
        (("best.data", "run"), "did you mean 'runs'"),
    ],
)
def test_slips_are_refused_before_anything_is_read(option, words):
    with pytest.raises(InputError, match=words):
        Setting(options=(option,))


def test_the_compiled_phase_brings_the_rest_of_the_compilation_unless_it_is_given():
    compiled = Setting(options=(("phase", "compiled"),))
    assert compiled.choice("averaging", "neos") == "compiled"
    assert compiled.choice("reference", "rates-mbl") == "no-oscillation"
    own = Setting(options=(("phase", "compiled"), ("rates-mbl.reference", "published")))
    assert own.choice("reference", "rates-mbl") == "published"
    assert own.choice("reference", "evolution-reno") == "no-oscillation"
    assert Setting().choice("averaging", "neos") == "exact"
