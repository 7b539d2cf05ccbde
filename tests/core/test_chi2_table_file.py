import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.core.chi2_table_file import read_chi2_table


def test_a_profile_in_degrees_becomes_a_periodic_table(tmp_path):
    path = tmp_path / "delta.csv"
    rows = [f"{x},{3 + 10 * (1 - np.cos(np.deg2rad(x - 212)))}" for x in range(-180, 181, 5)]
    path.write_text("# from the test\ndelta_cp_deg,chi2\n" + "\n".join(rows))
    table = read_chi2_table(path)
    quantity = table.quantities[0]
    assert quantity.name == "delta_cp"
    assert quantity.period == pytest.approx(2 * np.pi)
    assert quantity.central % (2 * np.pi) == pytest.approx(np.deg2rad(212), abs=0.01)
    assert table.source == "from the test"


def test_a_surface_may_stand_in_any_order(tmp_path):
    x, y = np.meshgrid(np.linspace(0, 1, 6), np.linspace(2, 3, 5))
    chi2 = (x - 0.5) ** 2 * 100 + (y - 2.4) ** 2 * 50
    rows = [f"{a},{b},{c}" for a, b, c in zip(x.ravel(), y.ravel(), chi2.ravel(), strict=True)]
    np.random.default_rng(0).shuffle(rows)
    path = tmp_path / "surface.csv"
    path.write_text("a,b,delta_chi2\n" + "\n".join(rows))
    table = read_chi2_table(path)
    assert table.names == ("a", "b")
    assert table.delta_chi2.shape == (6, 5)
    shown = table.chi2(np.array([[0.4, 2.25]]))[0] + chi2.min()
    assert shown == pytest.approx(1.0 + 0.05**0 * 50 * 0.15**2, abs=0.15)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n", "one column chi2"),
        ("a,b,c,chi2\n1,2,3,4\n", "one or two observables"),
        ("a,chi2\n1,2\n1,3\n2,3\n3,4\n4,5\n", "stands twice"),
        ("a,b,chi2\n1,1,0\n1,2,1\n2,1,1\n", "missing or stand twice"),
        ("a,b,chi2\n1,1,0\n1,1,1\n2,1,1\n2,2,3\n", "missing, others stand twice"),
        ("a,chi2\n1,x\n2,1\n3,1\n4,2\n", "numbers only"),
        ("a,chi2\n1,1\n2,2\n3,3\n", "four"),
    ],
)
def test_malformed_tables_get_one_sentence_with_the_file(tmp_path, text, words):
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=words) as error:
        read_chi2_table(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)
