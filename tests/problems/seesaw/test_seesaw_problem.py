"""What the seesaw says to study, training and checks."""

import numpy as np
import pytest
from pydantic import ValidationError

from pontecorvo.base.errors import InputError
from pontecorvo.problems.flavour.predictions.running import kappa_ratio
from pontecorvo.problems.seesaw.problem import (
    NETWORKS,
    SeesawProblem,
    inverted_ordering,
    normal_ordering,
)
from pontecorvo.problems.seesaw.settings import RANGES, SeesawSettings, SeesawTraining


def problem(**settings):
    return SeesawProblem(SeesawSettings(**settings))


@pytest.mark.parametrize("ordering", ["no", "io"])
def test_a_network_learns_the_prior_inside_the_ranges(ordering):
    own = {"sin2_theta23": (0.4, 0.6)}
    found = problem(ordering=ordering, training={"ranges": own}).training_target().measurement
    ends = {q.name: (q.low, q.high) for q in found.quantities}
    assert found.shape == "box"
    assert ends["sin2_theta23"] == (0.4, 0.6)
    low, high = RANGES["dm2_3l"]
    assert ends["dm2_3l"] == ((low, high) if ordering == "no" else (-high, -low))
    for q in problem(ordering=ordering).measurement.quantities:
        assert ends[q.name][0] < q.central < ends[q.name][1], "NuFIT lies inside"


@pytest.mark.parametrize("ordering", ["no", "io"])
def test_a_certificate_ranks_what_the_model_predicts(ordering):
    one = problem(ordering=ordering)
    theta = one.model.prior.sample(6, np.random.default_rng(0))
    predictions, found = one.model.predict(theta), one.checked(theta)
    assert found.values.shape == (6, len(found.names))
    for name, column, periodic in zip(found.names, found.values.T, found.periodic, strict=True):
        if name.startswith("log10_M"):
            expected = theta[:, 17 + int(name[-1])]
        elif name == "log10_m_lightest":
            masses = np.stack([predictions[m] for m in ("m1", "m2", "m3")])
            expected = np.log10(masses.min(axis=0))
        else:
            expected = predictions[name]
        np.testing.assert_allclose(column, expected, rtol=1e-12)
        assert periodic == (name in ("delta_cp", "alpha21", "alpha31"))


def test_networks_ship_for_both_orderings():
    for preset, name in ((normal_ordering, "seesaw-no"), (inverted_ordering, "seesaw-io")):
        one = preset.problem(SeesawSettings(**preset.settings))
        assert one.name == name
        assert one.shipped_network() == NETWORKS / f"{name}.json"
        assert one.shipped_network().is_file()
        assert one.feature_map() == name


def test_running_turns_the_vev_by_one_factor():
    plain = SeesawSettings()
    assert plain.effective_vev() == plain.vev == 174.1
    running = SeesawSettings(running="sm-one-loop", running_scale=1e14)
    assert running.effective_vev() == pytest.approx(174.1 / kappa_ratio(1e14) ** 0.5)
    assert running.build().model.vev == running.effective_vev()


def test_correlations_enter_the_measurement():
    found = SeesawSettings(correlations=[("dm2_21", "sin2_theta12", 0.25)]).build_measurement()
    i, j = found.names.index("dm2_21"), found.names.index("sin2_theta12")
    assert found.correlation[i, j] == found.correlation[j, i] == 0.25
    assert np.count_nonzero(found.correlation) == len(found.names) + 2
    assert "delta_cp" in SeesawSettings(include_delta=True).build_measurement().names
    with pytest.raises(InputError, match="a box has none"):
        SeesawSettings(
            likelihood="box", correlations=[("dm2_21", "sin2_theta12", 0.1)]
        ).build_measurement()


def test_a_measurement_of_one_s_own_is_written_out():
    own = {
        "quantities": {
            name: {"central": sum(ends) / 2, "sigma": ends[1] / 50} for name, ends in RANGES.items()
        }
    }
    one = problem(measurement=own)
    plain = one.plain_settings()
    assert plain["measurement"]["quantities"]["dm2_21"]["central"] == pytest.approx(7.5e-5)
    again = problem(**plain)
    theta = one.model.prior.sample(4, np.random.default_rng(1))
    np.testing.assert_array_equal(
        again.target.log_likelihood(theta), one.target.log_likelihood(theta)
    )
    with pytest.raises(InputError, match="for named measurements"):
        problem(measurement=own, include_delta=True).target  # noqa: B018


def test_ranges_of_a_training_are_of_observables():
    for wrong, words in (
        ({"theta": (0, 1)}, "no observable"),
        ({"sin2_theta12": (0.2, 1.0)}, "sin2: below 1"),
        ({"dm2_3l": (-1.0, 1.0)}, "above 0"),
    ):
        with pytest.raises(ValidationError, match=words):
            SeesawTraining(ranges=wrong)


@pytest.mark.parametrize(("given", "meant"), [(False, "no"), ("NO", "no"), ("IO", "io")])
def test_yaml_reads_a_bare_no_as_false(given, meant):
    assert SeesawSettings(ordering=given).ordering == meant
