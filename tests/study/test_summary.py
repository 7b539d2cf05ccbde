"""summary.json in numbers: intervals, closure, and how far two samplers agree."""

from dataclasses import replace
from importlib.metadata import version

import numpy as np
import pytest
import xarray as xr
from scipy.stats import ks_2samp

from pontecorvo.core.draws import Draws
from pontecorvo.study.summary import (
    closure,
    comparison,
    intervals,
    suffixes,
    versions,
    weighted_gap,
)


def group(**columns):
    return xr.Dataset({name: (("chain", "draw"), values[None]) for name, values in columns.items()})


@pytest.fixture
def groups():
    rng = np.random.default_rng(0)
    x, phi = rng.normal(size=4000), (0.1 * rng.normal(size=4000)) % (2 * np.pi)
    made = {
        "posterior": xr.Dataset(
            {"y": (("chain", "draw", "row"), np.stack([x, -x], axis=1)[None])},
            {"row": ["e", "mu"]},
        ),
        "predictions": group(x=x, phi=phi),
        "sample_stats": group(log_weight=-0.5 * (x - 1) ** 2 + 0.5 * x * x),  # of N(1, 1)
    }
    made["predictions"]["phi"].attrs["units"] = "rad"
    return made


def test_intervals_are_weighted_and_angles_have_a_mean_direction(groups):
    found = intervals(groups)
    assert set(found) == {"x", "phi", "y[e]", "y[mu]"}
    assert found["x"]["median"] == pytest.approx(1, abs=0.15)
    assert found["x"]["ci68"] == pytest.approx([0, 2], abs=0.2)
    assert found["y[mu]"]["median"] == pytest.approx(-found["x"]["median"], abs=1e-9)
    assert "circular_mean" not in found["x"]
    direction = found["phi"]["circular_mean"]
    assert min(direction, 2 * np.pi - direction) < 0.02, "which no median of [0, 2 pi) shows"
    assert found["phi"]["resultant_length"] == pytest.approx(np.exp(-0.005), abs=0.003)


def test_names_of_entries():
    array = xr.DataArray(
        np.zeros((1, 2, 2, 3)), {"a": ["e", "mu"], "i": [1, 2, 3]}, ("chain", "draw", "a", "i")
    )
    assert suffixes(array) == ["[e,1]", "[e,2]", "[e,3]", "[mu,1]", "[mu,2]", "[mu,3]"]
    assert suffixes(array[:, :, 0, 0]) == [""]


def test_closure_tells_what_the_file_holds(seesaw_no):
    target = seesaw_no.target
    theta = target.model.from_variables(
        {
            str(n): v.values.reshape(-1, *v.shape[2:])
            for n, v in seesaw_no.groups["posterior"].data_vars.items()
        }
    )
    draws = Draws(
        theta, np.zeros(len(theta)), target.log_prior(theta), target.log_likelihood(theta),
        0.0, 0.1, 0.5, 100.0, True, "by hand",
    )  # fmt: skip
    found = closure(target, theta, draws)
    assert found["max_log_likelihood_change"] == 0
    assert found["inside_prior"] == 1.0
    assert found["within_three_sigma"] == pytest.approx(target.within_three_sigma(theta).mean())
    moved = replace(draws, log_likelihood=draws.log_likelihood + np.eye(len(theta))[0] * 0.25)
    assert closure(target, theta, moved)["max_log_likelihood_change"] == pytest.approx(0.25)
    outside = theta.copy()
    outside[: len(theta) // 4, 0] = 2.0
    assert closure(target, outside, draws)["inside_prior"] == pytest.approx(0.75, abs=0.01)


def test_two_samplers_are_compared_by_their_worst_prediction():
    rng = np.random.default_rng(1)

    def run(shift, log_evidence):
        values = {"a": rng.normal(size=2000), "b": rng.normal(shift, 1, size=2000)}
        made = {"predictions": group(**values), "sample_stats": group(log_weight=np.zeros(2000))}
        zeros = np.zeros(2000)
        draws = Draws(zeros[:, None], zeros, zeros, zeros, log_evidence, 0.3, 1, 2000, True, "m")
        return made, draws

    one, same, other = run(0.0, 1.0), run(0.0, 1.5), run(0.5, 1.0)
    near = comparison(*one, *same)
    assert near["log_evidence_difference_in_sigma"] == pytest.approx(-0.5 / np.hypot(0.3, 0.3))
    assert near["largest_distance"]["over_its_95_percent_point"] < 1.3
    far = comparison(*one, *other)["largest_distance"]
    assert far["prediction"] == "b"
    assert far["over_its_95_percent_point"] > 3


def test_the_gap_is_kolmogorovs():
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=300).round(1), rng.normal(0.3, 1, 200).round(1)  # with ties
    found = weighted_gap(x, np.full(300, 1 / 300), y, np.full(200, 1 / 200))
    assert found == pytest.approx(ks_2samp(x, y).statistic)
    assert weighted_gap(x, np.full(300, 1 / 300), x, np.full(300, 1 / 300)) == pytest.approx(0)


def test_versions_are_those_installed():
    assert versions()["numpy"] == version("numpy")
    assert "python" in versions()
