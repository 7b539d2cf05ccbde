import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.base.tables import read_table, shipped
from pontecorvo.problems.flavour.measurements.library import PACKAGE, find
from pontecorvo.problems.flavour.measurements.moduli import abs_u_ranges, label_box
from pontecorvo.problems.flavour.nufit import ABS_U, LABELS, founding_paper_box


def test_nufit_60_from_its_projections_is_close_to_its_own_table():
    """Within 0.002 of what was published, but for |U_mu2| and |U_tau2|, where correlations count:
    0.015 there, on the wide side."""
    found = abs_u_ranges(find("nufit-6.0", "with-sk"))
    box = {q.name: q for q in founding_paper_box("no").quantities}
    for name in ABS_U:
        tolerance = 0.016 if name in ("abs_U_mu2", "abs_U_tau2") else 0.0021
        assert found[name] == pytest.approx((box[name].low, box[name].high), abs=tolerance)


def test_the_shipped_table_is_what_is_computed():
    found = abs_u_ranges(find("nufit-6.1", "with-sk"))
    for row in read_table(shipped(PACKAGE, "nufit61_abs_u.csv")).rows():
        ends = float(row["low"]), float(row["high"])
        assert found[str(row["element"])] == pytest.approx(ends, abs=6e-5)


@pytest.mark.parametrize("ordering", ["no", "io"])
def test_the_box_on_eleven_labels(ordering):
    box = label_box("nufit-6.1", ordering)
    assert box.names == LABELS
    assert box.shape == "box"
    centre = np.array([[q.central for q in box.quantities]])
    assert box.within_three_sigma(centre)[0]
    assert (box.quantities[1].central > 0) == (ordering == "no")
    narrow = {q.name: q.high - q.low for q in box.quantities}
    wide = {q.name: q.high - q.low for q in founding_paper_box(ordering).quantities}
    assert narrow["abs_U_e1"] < 0.7 * wide["abs_U_e1"]  # JUNO


def test_fits_without_projections_say_so():
    assert label_box("nufit-6.0").describe() == founding_paper_box("no").describe()
    with pytest.raises(InputError, match="no projection on sin2_theta12"):
        abs_u_ranges(find("nufit-6.1", "without-sk"))
    with pytest.raises(InputError, match="no ranges of the 11 labels"):
        label_box("juno-2026")
