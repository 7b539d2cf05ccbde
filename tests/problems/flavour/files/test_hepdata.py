import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.core.chi2_table import TableAxis
from pontecorvo.problems.flavour.files.hepdata import read_hepdata

TABLE = """
independent_variables:
- header: {name: E, units: MeV}
  values:
  - {low: 1.0, high: 1.5}
  - {low: 1.5, high: 2.5}
dependent_variables:
- header: {name: events}
  qualifiers: [{name: phase, value: II}]
  values:
  - value: 10
    errors: [{symerror: 3, label: stat}, {asymerror: {plus: 4, minus: -2}, label: syst}]
  - value: 20
    errors: [{symerror: 5%, label: stat}]
- header: {name: total}
  values: [{value: 1.5e3}, {value: '2'}]
"""
CSV = """#: table_doi: 10.17182/x
#: name: Table 1
"E [MeV]","events","stat +","stat -","syst +","syst -"
1.25,10,3,-3,4,-2
2.0,20,1,-1,0,0
"""


def test_yaml_with_bins_and_errors(tmp_path):
    path = tmp_path / "t.yaml"
    path.write_text(TABLE)
    table = read_hepdata(path)
    np.testing.assert_array_equal(table.column("E"), [1.25, 2.0])
    np.testing.assert_array_equal(table.edges["E"], [[1, 1.5], [1.5, 2.5]])
    assert table.units == {"E": "MeV"}
    np.testing.assert_allclose(table.plus["events"], [5.0, 1.0])
    np.testing.assert_allclose(table.minus["events"], [13**0.5, 1.0])
    np.testing.assert_array_equal(table.column("total"), [1500, 2])


def test_csv_with_the_same_errors(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(CSV)
    table = read_hepdata(path)
    assert table.units == {"E": "MeV"}
    np.testing.assert_allclose(table.plus["events"], [5.0, 1.0])
    np.testing.assert_allclose(table.minus["events"], [13**0.5, 1.0])


def test_a_released_surface_becomes_a_likelihood(tmp_path):
    path = tmp_path / "map.csv"
    lines = ["sin22t,dm2,half_chi2"]
    for x in np.linspace(0, 1, 21):
        for y in np.linspace(0.5, 1.5, 21):
            lines.append(f"{x},{y},{0.5 * (((x - 0.4) / 0.1) ** 2 + ((y - 1) / 0.1) ** 2)}")
    path.write_text("\n".join(lines))
    found = read_hepdata(path).chi2_table(
        {"sin22t": "s", "dm2": TableAxis("d", np.zeros(1))}, "half_chi2", scale=2.0
    )
    assert [q.name for q in found.quantities] == ["s", "d"]
    assert found.quantities[0].central == pytest.approx(0.4, abs=0.01)
    assert found.quantities[0].plus == pytest.approx(0.1, rel=0.05)
    with pytest.raises(InputError, match="did you mean 'dm2'"):
        read_hepdata(path).column("dm")


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("t.yaml", "a: 1\n", "independent_variables"),
        ("t.yaml", "a: [", "not valid YAML"),
        ("t.yaml", TABLE.replace("value: 20", "number: 20"), "neither 'value'"),
        ("t.yaml", TABLE.replace("{value: 1.5e3}", "{value: '-'}"), "not a number"),
        ("t.yaml", TABLE.replace(", {value: '2'}", ""), "unlike lengths"),
        ("t.yaml", TABLE.replace("symerror: 3", "error: 3"), "give symerror"),
        ("t.yaml", TABLE.replace("{name: total}", "{name: events}"), "stands twice"),
        ("t.csv", "a,b\n", "no rows"),
        ("t.csv", "a,b\n1\n", "row 1 has 1 values"),
        ("t.csv", 'a,b\n1,"2\n', "no CSV table"),
        ("t.csv", "a,b\n1,x\n", "not a number"),
        ("t.csv", "a,a\n1,2\n", "stands twice"),
    ],
)
def test_malformed_tables_get_one_sentence(tmp_path, name, text, words):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(InputError, match=words) as error:
        read_hepdata(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)
