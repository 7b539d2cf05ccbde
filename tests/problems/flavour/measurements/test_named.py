import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.core.combined import CombinedMeasurement
from pontecorvo.core.measurement import GaussianMeasurement
from pontecorvo.problems.flavour.measurements.named import named, peak
from pontecorvo.problems.flavour.nufit import OSCILLATION, nufit

SIX = (*OSCILLATION, "delta_cp")


@pytest.mark.parametrize("shape", ["gaussian", "two-piece", "box"])
@pytest.mark.parametrize("ordering", ["no", "io"])
def test_nufit_60_by_name_is_the_same_likelihood(shape, ordering):
    by_name = named("nufit-6.0", ordering, "without-sk", SIX, shape)
    older = nufit(ordering, "without-sk", SIX, shape)
    centre = np.array([q.central for q in older.quantities])
    x = centre * np.random.default_rng(0).normal(1, 0.01, (50, 6))
    np.testing.assert_array_equal(by_name.log_likelihood(x), older.log_likelihood(x))
    assert isinstance(by_name, GaussianMeasurement)


def test_delta_is_left_out_unless_asked_for():
    assert named("nufit-6.1").names == OSCILLATION
    assert named("dune-7y").names == ("delta_cp",)
    assert named("nufit-6.1", names=["delta_cp", "dm2_21"]).names == ("delta_cp", "dm2_21")


def test_a_combination_is_the_product_of_its_parts():
    both = named("nufit-6.0 + juno-2026")
    first, second = named("nufit-6.0"), named("juno-2026")
    x = np.array([[7.4e-5, 2.51e-3, 0.305, 0.0221, 0.47]])
    expected = first.log_likelihood(x) + second.log_likelihood(x[:, [0, 2]])
    np.testing.assert_allclose(both.log_likelihood(x), expected)
    assert isinstance(both, CombinedMeasurement)
    assert both.names == OSCILLATION
    narrow = {q.name: q.sigma for q in both.quantities}
    assert narrow["dm2_21"] < min(q.sigma for q in second.quantities if q.name == "dm2_21")


@pytest.mark.parametrize(
    ("name", "shared"),
    [
        ("nufit-6.1 + juno-2025", "juno"),
        ("juno-2026 + juno-2025", "juno"),
        ("nufit-6.0 + dayabay-2024", "dayabay"),
        ("nufit-6.0 + juno-2026:with-dayabay", "dayabay"),
        ("nufit-6.1 + nufit-6.0", "solar"),
        ("nova-t2k-2025+t2k-2025", "t2k"),
        ("nufit-6.1 + juno-6y", "juno"),
    ],
)
def test_the_same_data_do_not_count_twice(name, shared):
    with pytest.raises(InputError, match=f"both contain .*{shared}"):
        named(name)


@pytest.mark.parametrize(
    "name",
    ["nufit-6.0 + juno-2026", "nufit-6.0 + juno-2025", "nufit-6.1 + dune-7y", "nufit-6.1 + sum_m"],
)
def test_what_is_independent_combines(name):
    assert len(named(name).terms) == 2


def test_correlations_are_the_measurements_own_unless_others_are_asked_for():
    assert np.array_equal(named("nufit-6.1").correlation, np.eye(5))
    assert named("juno-2025").correlation[0, 1] == -0.224
    assert np.array_equal(named("juno-2025", correlations="none").correlation, np.eye(2))
    matrix = named("nufit-6.1", correlations="all").correlation
    assert matrix[0, 2] == -0.2
    assert "assumed" in named("nufit-6.1", correlations="all").source


@pytest.mark.parametrize(("variant", "offset"), [("with-sk", 5.908214), ("without-sk", 1.485872)])
def test_the_orderings_peaks_differ_by_the_offset(variant, offset):
    peaks = {}
    for ordering in ("no", "io"):
        measurement = named("nufit-6.1", ordering, variant, SIX, "table")
        peaks[ordering] = sum(map(peak, measurement.terms)) + measurement.constant
    assert peaks["no"] - peaks["io"] == pytest.approx(0.5 * offset)


def test_tables_stand_where_they_ship_and_two_piece_normals_elsewhere():
    normal = named("nufit-6.1", "no", "with-sk", SIX, "table")
    assert normal.shape == "table"
    inverted = named("nufit-6.1", "io", "with-sk", SIX, "table")
    assert {term.shape for term in inverted.terms} == {"table", "two-piece"}
    parts = inverted.describe()["parts"]
    assert {part["shape"] for part in parts} == {"table", "two-piece"}


def test_the_second_octant_is_there_in_the_table_only():
    """NuFIT 6.1, normal ordering: Delta chi2 0.76 at 0.55; a normal has it 5 sigma away."""
    x = np.array([[7.537e-5, 2.511e-3, 0.3088, 0.02248, value] for value in (0.47, 0.55)])
    normal = named("nufit-6.1").log_likelihood(x)
    table = named("nufit-6.1", shape="table").log_likelihood(x)
    assert normal[0] - normal[1] > 12
    assert table[0] - table[1] == pytest.approx(0.5 * 0.7555, abs=0.01)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"name": "nufti-6.1"}, "did you mean 'nufit-6.1'"),
        ({"name": ""}, "give names"),
        ({"name": "nufit-6.1 +"}, "give names"),
        ({"name": "nufit-6.1:"}, "variant after a colon"),
        ({"name": "nufit-6.1:sk"}, "allowed: with-sk"),
        ({"name": "juno-2026", "variant": "with-sk"}, "no part has a variant"),
        ({"name": "nufit-6.1", "ordering": "normal"}, "allowed: no, io"),
        ({"name": "nufit-6.1", "shape": "flat"}, "allowed: gaussian"),
        ({"name": "nufit-6.1", "correlations": "some"}, "allowed: published"),
        ({"name": "nufit-6.1", "names": ["dm2_31"]}, "measures none of dm2_31"),
        ({"name": "nufit-6.1", "names": ["dm2_3l", "m_ee"]}, "no m_ee"),
        ({"name": "sum_m + sum_m:w0wa"}, "given twice"),
        ({"name": "m_ee:nexo"}, "reach"),
    ],
)
def test_bad_names_get_one_sentence(arguments, words):
    with pytest.raises(InputError, match=words) as error:
        named(**arguments)
    assert "\n" not in str(error.value)


def test_the_offset_is_there_without_any_table_too():
    """Inverted ordering ships a table of delta only; without delta the constant must stay."""
    inverted = named("nufit-6.1", "io", shape="table")
    normal = named("nufit-6.1", "no", shape="table")
    peaks = [sum(map(peak, m.terms)) + m.constant for m in (normal, inverted)]
    assert peaks[0] - peaks[1] == pytest.approx(0.5 * 5.908214)
