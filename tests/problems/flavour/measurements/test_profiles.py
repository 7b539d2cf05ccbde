"""NuFIT's intervals from its projections, to the printed digits."""

import numpy as np
import pytest

from pontecorvo.problems.flavour.measurements.library import find, quantities_of
from pontecorvo.problems.flavour.measurements.profiles import profiles

DIGITS = {
    "sin2_theta12": 1e-4,
    "sin2_theta23": 1e-3,
    "sin2_theta13": 1e-5,
    "delta_cp": np.deg2rad(1),
    "dm2_21": 1e-8,
    "dm2_3l": 1e-6,
}
"""One unit of the last printed digit."""
WIDE = {"sin2_theta13": 1e-4}
"""The same of the three-sigma range, where it is printed coarser."""


@pytest.mark.parametrize("name", list(DIGITS))
def test_one_and_three_sigma_of_61_in_normal_ordering(name):
    entry = find("nufit-6.1", "with-sk")
    printed = {q.name: q for q in quantities_of(entry, "no")}[name]
    found = profiles(entry, "no")[name].quantities[0]
    unit, period = DIGITS[name], 2 * np.pi
    for mine, theirs in (
        (found.central, printed.central),
        (found.central + found.plus, printed.central + printed.plus),
        (found.central - found.minus, printed.central - printed.minus),
    ):
        gap = mine - theirs
        if name == "delta_cp":
            gap = (gap + np.pi) % period - np.pi
        assert abs(gap) <= 1.5 * unit, (name, mine, theirs)
    wide = WIDE.get(name, unit)
    turns = found.period * round((found.low - printed.low) / found.period) if found.period else 0.0
    assert abs(found.low - turns - printed.low) <= 0.51 * wide
    assert abs(found.high - turns - printed.high) <= 0.51 * wide


def test_both_octants_have_their_interval():
    table = profiles(find("nufit-6.1", "with-sk"), "no")["sin2_theta23"]
    low, high = table.intervals("sin2_theta23", 1.0)
    assert low == pytest.approx((0.456, 0.487), abs=6e-4)
    assert high == pytest.approx((0.543, 0.558), abs=6e-4)


@pytest.mark.parametrize(
    ("variant", "ordering", "degrees"),
    [
        ("with-sk", "no", 212),
        ("with-sk", "io", 274),
        ("without-sk", "no", 207),
        ("without-sk", "io", 283),
    ],
)
def test_minima_of_delta_in_every_variant(variant, ordering, degrees):
    found = profiles(find("nufit-6.1", variant), ordering)["delta_cp"].quantities[0]
    assert np.rad2deg(found.central) % 360 == pytest.approx(degrees, abs=0.6)


def test_60_has_its_own_projections_and_variants_without_say_so():
    table = profiles(find("nufit-6.0", "with-sk"), "no")
    assert set(table) == set(DIGITS)
    assert table["sin2_theta12"].quantities[0].central == pytest.approx(0.308, abs=1e-3)
    assert profiles(find("nufit-6.0", "with-sk"), "io") == {}
    assert set(profiles(find("nufit-6.1", "with-sk"), "io")) == {"delta_cp"}
