"""The typed table against the shared one, and the derived ratio."""

import csv

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.flavour.lepton_data import lepton_data, lepton_measurement
from shared_data import SHARED, needs_shared


def test_ratio_and_replacement():
    known = lepton_data("no")
    assert known["dm2_ratio"].central == pytest.approx(7.537e-5 / 2.511e-3)
    relative = known["dm2_ratio"].sigma / known["dm2_ratio"].central
    assert relative == pytest.approx(np.hypot(0.097 / 7.537, 0.0205 / 2.511))
    juno = lepton_data("io", "juno-207d")
    assert juno["sin2_theta12"].central == 0.3036
    assert juno["dm2_21"].sigma == pytest.approx(0.078e-5)
    assert juno["sin2_theta13"] == lepton_data("io")["sin2_theta13"]
    with pytest.raises(InputError, match=r"nufit-6\.1"):
        lepton_data("no", "nufit-61")
    with pytest.raises(InputError, match="sin2_theta12"):
        lepton_measurement("no", ["sin2_theta_12"])


@needs_shared
@pytest.mark.parametrize("ordering", ["no", "io"])
def test_the_table_is_the_published_one(ordering):
    with open(SHARED / "nufit-6.1" / "summary.csv", encoding="utf-8") as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    scale = {"dm2_21": 1e-5, "dm2_3l": 1e-3}
    known = lepton_data(ordering)
    for row in rows:
        if row["variant"] != "with-sk" or row["ordering"] != ordering:
            continue
        if row["parameter"] == "delta_cp":
            continue
        ours, unit = known[row["parameter"]], scale.get(row["parameter"], 1.0)
        assert ours.central == pytest.approx(float(row["central"]) * unit)
        assert ours.plus == pytest.approx(float(row["plus"]) * unit)
        assert ours.minus == pytest.approx(float(row["minus"]) * unit)
