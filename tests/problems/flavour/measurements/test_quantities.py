"""The cases delta-degrees and wrong-sign-or-scale, by what the observables declare."""

from dataclasses import replace

import numpy as np
import pytest

from pontecorvo.core.measurement import Measured
from pontecorvo.core.plausibility import implausible
from pontecorvo.problems.flavour.measurements.library import library, quantities_of
from pontecorvo.problems.flavour.measurements.quantities import PERIODS, declared


def test_every_number_of_the_library_is_plausible():
    for entry in library():
        for ordering in entry.orderings:
            for quantity in quantities_of(entry, ordering):
                assert implausible(quantity, declared(ordering)[quantity.name]) is None


@pytest.mark.parametrize(
    ("name", "centre", "error", "ordering", "words"),
    [
        ("delta_cp", 212, 30, "no", "unit: deg"),
        ("dm2_3l", 2.513e-3, 2e-5, "io", "negative .dm2_32 in inverted ordering"),
        ("dm2_3l", -2.5e-3, 2e-5, "no", "positive .dm2_31 in normal ordering"),
        ("dm2_21", 7.49, 0.19, "no", "units of 1e-5 eV"),
        ("sin2_theta23", 49.7, 1.0, "no", "sin2_theta23"),
    ],
)
def test_wrong_units_signs_and_scales_are_told(name, centre, error, ordering, words):
    measured = Measured(name, centre, error, error, centre - error, centre + error)
    sentence = implausible(replace(measured, period=PERIODS.get(name)), declared(ordering)[name])
    assert sentence is not None
    assert name in sentence
    import re

    assert re.search(words, sentence), sentence


def test_angles_are_those_in_rad():
    angles = {name for name, quantity in declared("no").items() if quantity.unit == "rad"}
    assert angles == set(PERIODS)
    assert all(period == pytest.approx(2 * np.pi) for period in PERIODS.values())
