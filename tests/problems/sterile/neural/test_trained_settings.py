"""Other settings take no network away; experiments that were never seen do."""

import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.sterile.experiment_registry import Setting, load_experiments
from pontecorvo.problems.sterile.fits import Settings, sets_of
from pontecorvo.problems.sterile.neural.bundle import SHIPPED, known_experiments, load_bundle, unfit
from pontecorvo.problems.sterile.neural.neural_fits import neural_fit
from pontecorvo.problems.sterile.neural.trained_settings import (
    likelihood_in_words,
    readable,
    trained_experiments,
    trained_setting,
)


def test_the_networks_that_ship_know_what_they_were_trained_with():
    names = known_experiments(SHIPPED)
    assert unfit(SHIPPED, trained_experiments(SHIPPED, names)) == {}
    assert dict(trained_setting(SHIPPED).options)["averaging"] == "compiled"


def test_other_settings_are_named_and_kept():
    summation = load_experiments("rates-sbl,solar", Setting(flux="sm"))
    read = readable(SHIPPED, summation)
    assert [one.name for one in read.experiments] == ["rates-sbl", "solar"]
    assert read.other_settings == ("rates-sbl",)
    assert read.left_out == {}
    with pytest.raises(InputError, match="trained for other settings"):
        load_bundle(SHIPPED, summation, strict=True)
    stranger = load_experiments("solar")[0]
    stranger.name = "stranger"
    assert set(readable(SHIPPED, [stranger]).left_out) == {"stranger"}
    with pytest.raises(InputError, match="have not seen it"):
        load_bundle(SHIPPED, [stranger])


def test_draws_under_another_flux_are_worth_as_much():
    """The chart does the work: with summation fluxes most draws stay effective."""
    experiments = load_experiments("rates-sbl,gallium", Setting(flux="sm"))
    small = Settings(shape=(9, 9), between=1, posterior_shape=(61, 121))
    fit = next(iter(sets_of(experiments, small).values()))
    bundle = load_bundle(SHIPPED, experiments, ["fmpe"])
    found = neural_fit(bundle.posteriors["fmpe"], fit, 300, 1, 4)
    assert found.raw_efficiency > 0.8
    assert abs(found.log_bayes_factor - fit.posterior.log_bayes_factor) < 0.2


def test_a_certificate_says_of_which_likelihood_it_is():
    from pontecorvo.study.certificate_files import folder_standing

    trained = likelihood_in_words(trained_setting(SHIPPED))
    for one in folder_standing(SHIPPED, "sterile"):
        assert "likelihood of the training" in one.line
        assert {check["likelihood"] for check in one.checks} == {trained}
    now = likelihood_in_words(Setting(), ("reno",))
    assert now.endswith("options by default; not that of the training for reno")
