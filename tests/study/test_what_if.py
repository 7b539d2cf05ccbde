"""What-if questions: the measurement that is meant, and the answer in words."""

from dataclasses import replace

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.base.quantiles import weighted_quantiles
from pontecorvo.core.draws import Draws
from pontecorvo.study.catalog import load_problem
from pontecorvo.study.posterior_file import build_groups
from pontecorvo.study.what_if import WhatIf, changed_measurement, predictions_table, problem_of


@pytest.fixture(scope="module")
def measurement():
    return load_problem("seesaw-no").measurement


def test_a_changed_centre_keeps_its_errors_and_moves_its_range(measurement):
    found = changed_measurement(measurement, {"sin2_theta23": 0.56}, {"dm2_21": 1e-6})
    old = {q.name: q for q in measurement.quantities}
    for q in found.quantities:
        before = old[q.name]
        if q.name == "sin2_theta23":
            assert (q.central, q.plus, q.minus) == (0.56, before.plus, before.minus)
            assert (q.low, q.high) == pytest.approx((0.56 - 3 * q.minus, 0.56 + 3 * q.plus))
        elif q.name == "dm2_21":
            assert (q.central, q.plus, q.minus) == (before.central, 1e-6, 1e-6)
        else:
            assert q == before
    assert found.names == measurement.names
    assert found.source == measurement.source


@pytest.mark.parametrize(
    ("values", "errors", "words"),
    [
        ({"sin2_theta32": 0.5}, {}, "did you mean 'sin2_theta23'"),
        ({}, {"dm2_21": 0.0}, "positive and finite"),
        ({}, {"dm2_21": float("nan")}, "positive and finite"),
        ({"dm2_21": float("nan")}, {}, "finite"),
    ],
)
def test_what_is_not_measured_is_refused(measurement, values, errors, words):
    with pytest.raises(InputError, match=words):
        changed_measurement(measurement, values, errors)


def test_questions_are_for_amortised_networks():
    with pytest.raises(InputError, match="no network of it answers"):
        problem_of(WhatIf("sterile", {}, {}))
    for wrong in ({"draws": 0}, {"seed": -1}, {"draws": 2.5}):
        with pytest.raises(InputError, match="whole number"):
            WhatIf("seesaw-no", {}, {}, **wrong)
    asked = WhatIf("seesaw-no", {}, {}, network="net.json", guidance=2.0)
    choice = problem_of(asked).settings.network
    assert (choice.file.name, choice.guidance) == ("net.json", 2.0)


def test_the_table_has_weighted_medians_and_says_what_they_are_worth(seesaw_no):
    target, n = seesaw_no.target, 300
    theta = target.model.from_variables(
        {
            str(k): v.values.reshape(-1, *v.shape[2:])
            for k, v in seesaw_no.groups["posterior"].data_vars.items()
        }
    )
    logs = np.random.default_rng(0).normal(size=n)
    draws = Draws(
        theta, logs, target.log_prior(theta), target.log_likelihood(theta), -1.25, 0.5, 0.125,
        77.0, True, "network", log_q=np.zeros(n), notes={"k_hat": 0.25, "verdict": "too few"},
    )  # fmt: skip
    groups = build_groups(target.model, draws)
    lines = predictions_table((target, draws, groups)).splitlines()
    weight = np.exp(logs - logs.max())
    weight /= weight.sum()
    sum_m = next(line for line in lines if line.startswith("sum_m")).split()
    expected = weighted_quantiles(
        groups["predictions"]["sum_m"].values.ravel(), weight, np.array([0.5, 0.16, 0.84])
    )
    assert [float(x) for x in sum_m[1:4]] == pytest.approx(expected, rel=1e-4)
    assert sum_m[4] == "eV"
    assert "circular mean" in next(line for line in lines if line.startswith("delta_cp"))
    assert lines[-1] == "300 draws, ESS 77, k-hat 0.25, log-evidence -1.250 +- 0.500"
    bad = replace(draws, converged=False)
    assert predictions_table((target, bad, groups)).endswith("NOT TO BE TRUSTED: too few")
    raw = replace(draws, log_q=None)
    assert predictions_table((target, raw, groups)).endswith(
        "300 raw draws, 12.50 % within 3 sigma"
    )
