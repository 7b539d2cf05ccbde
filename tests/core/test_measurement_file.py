import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.core.measurement_file import correlation_matrix, file_content, read_measurement
from pontecorvo.core.quantity import Quantity

KNOWN = (Quantity("mass", "m", "eV"), Quantity("phase", "p", "rad"))


def read(quantities, **rest):
    return read_measurement({"quantities": quantities, **rest}, "here", KNOWN)


def test_there_and_back_to_the_last_bit():
    phase = {"central": 200.0, "sigma_plus": 30.1, "sigma_minus": 20.3, "unit": "deg"}
    found = read(
        {"mass": {"central": 0.3, "sigma": 0.1}, "phase": phase},
        likelihood="two-piece",
        correlations=[["mass", "phase", 0.25]],
    )
    assert found.quantities[0].low == pytest.approx(0.0)
    assert found.quantities[1].plus == pytest.approx(np.deg2rad(30.1))
    assert found.quantities[1].period == pytest.approx(2 * np.pi)
    again = read_measurement(file_content(found), "again", KNOWN)
    assert again.quantities == found.quantities
    assert np.array_equal(again.correlation, found.correlation)
    assert again.describe() == found.describe()


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"central": 1.0}, "give either sigma"),
        ({"central": 1.0, "sigma": 0.1, "sigma_plus": 0.1}, "give either sigma"),
        ({"central": 1.0, "sigma": 0.1, "unit": "deg"}, "only for angles"),
    ],
)
def test_what_an_entry_may_not_say(entry, said):
    with pytest.raises(InputError, match=said):
        read({"mass": entry})


def test_what_a_file_may_not_say():
    entry = {"central": 1.0, "sigma": 0.1}
    with pytest.raises(InputError, match=r"'masss' is unknown.*'mass'"):
        read({"masss": entry})
    with pytest.raises(InputError, match="a box has none"):
        read({"mass": entry}, likelihood="box", correlations=[["mass", "mass", 0.1]])
    for pair in (["mass", "mass", 0.1], ["mass", "phase", 1.0]):
        with pytest.raises(InputError, match="give each pair"):
            correlation_matrix(["mass", "phase"], [pair])
    with pytest.raises(InputError, match="is not measured"):
        correlation_matrix(["mass"], [["mass", "phase", 0.1]])
