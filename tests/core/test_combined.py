import json

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.core.chi2_table import Chi2Table, TableAxis
from pontecorvo.core.combined import CombinedMeasurement
from pontecorvo.core.limit import UpperLimit
from pontecorvo.core.measurement import GaussianMeasurement, Measured


def normal(**centres):
    return GaussianMeasurement([Measured(n, c, s) for n, (c, s) in centres.items()])


def test_the_product_is_matched_by_name():
    first, second = normal(a=(1, 0.1), b=(2, 0.2)), normal(b=(2.1, 0.1), c=(5, 1))
    both = CombinedMeasurement([first, second], names=["c", "b", "a"], constant=-2.0, note="why")
    x = np.random.default_rng(0).normal([5, 2, 1], 0.3, (30, 3))
    expected = first.log_likelihood(x[:, [2, 1]]) + second.log_likelihood(x[:, [1, 0]]) - 2.0
    np.testing.assert_allclose(both.log_likelihood(x), expected)
    assert both.names == ("c", "b", "a")
    assert both.is_gaussian
    assert both.describe()["constant_is"] == "why"
    json.dumps(both.describe())


def test_what_two_measure_is_known_better():
    both = CombinedMeasurement([normal(a=(1.0, 0.2)), normal(a=(1.2, 0.1))])
    quantity = both.quantities[0]
    assert quantity.central == pytest.approx((25 * 1.0 + 100 * 1.2) / 125)
    assert quantity.plus == pytest.approx(125**-0.5)
    x = np.linspace(0.8, 1.4, 2001)
    top = x[np.argmax(both.log_likelihood(x[:, None]))]
    assert top == pytest.approx(quantity.central, abs=1e-3)


def test_angles_are_averaged_the_short_way_round():
    terms = [
        GaussianMeasurement([Measured("d", c, 0.3, 0.3, c - 0.9, c + 0.9, 2 * np.pi)])
        for c in (0.1, 2 * np.pi - 0.1)
    ]
    centre = CombinedMeasurement(terms).quantities[0].central
    assert (centre + np.pi) % (2 * np.pi) - np.pi == pytest.approx(0, abs=1e-9)


def test_parts_of_every_kind_go_together_and_all_must_hold():
    grid = np.linspace(0, 1, 41)
    table = Chi2Table([TableAxis("t", grid)], ((grid - 0.5) / 0.1) ** 2)
    both = CombinedMeasurement([normal(a=(1, 0.1)), table, UpperLimit("m", 0.1, 0.1, 0.95)])
    assert both.shape == "mixed"
    assert not both.is_gaussian
    x = np.array([[1, 0.5, 0.0], [1, 0.5, -1], [1, 7, 0], [2, 0.5, 0]])
    np.testing.assert_array_equal(np.isfinite(both.log_likelihood(x)), [1, 0, 0, 1])
    np.testing.assert_array_equal(both.within_three_sigma(x), [1, 0, 0, 0])


def test_bad_combinations_get_one_sentence():
    with pytest.raises(InputError, match="at least one"):
        CombinedMeasurement([])
    with pytest.raises(InputError, match="names a, z"):
        CombinedMeasurement([normal(a=(1, 1))], names=["a", "z"])
