import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.core.chi2_table import Chi2Table
from pontecorvo.problems.flavour.measurements.resolve import resolve_measurement

OWN = """
source: t
quantities:
  dm2_21: {central: %s, sigma: %s}
  dm2_3l: {central: %s, sigma: 0.02e-3}
  delta_cp: {central: %s, sigma: %s}
"""


def own(tmp_path, dm2_21=7.49e-5, error=0.19e-5, dm2_3l=2.5e-3, delta=3.7, width=0.5):
    path = tmp_path / "m.yaml"
    path.write_text(OWN % (dm2_21, error, dm2_3l, delta, width))
    return path


def test_a_name_a_file_and_a_table(tmp_path):
    assert resolve_measurement("nufit-6.1 + m_beta").names[-1] == "m_beta"
    assert resolve_measurement(own(tmp_path)).names == ("dm2_21", "dm2_3l", "delta_cp")
    path = tmp_path / "t.csv"
    rows = [f"{x},{((x - 0.3) / 0.01) ** 2}" for x in np.linspace(0.2, 0.4, 21)]
    path.write_text("sin2_theta12,chi2\n" + "\n".join(rows))
    assert isinstance(resolve_measurement(path), Chi2Table)
    compiled = tmp_path / "c.yaml"
    compiled.write_text(
        "experiment: A\nresult:\n  amplitude13:\n    mode: double\n    value: 0.0833\n"
        "    uncertainty: 0.0022\n"
    )
    assert resolve_measurement(compiled).names == ("sin2_theta13",)


@pytest.mark.parametrize(
    ("change", "ordering", "words"),
    [
        ({"delta": 212, "width": 30}, "no", "delta_cp.*unit: deg"),
        ({}, "io", "dm2_3l.*negative"),
        ({"dm2_21": 7.49, "error": 0.19}, "no", "dm2_21.*1e-5"),
    ],
)
def test_implausible_numbers_are_refused_with_the_file(tmp_path, change, ordering, words):
    with pytest.raises(InputError, match=words) as error:
        resolve_measurement(own(tmp_path, **change), ordering)
    assert str(tmp_path) in str(error.value)


def test_options_of_names_are_not_for_files(tmp_path):
    with pytest.raises(InputError, match="variant is for named"):
        resolve_measurement(own(tmp_path), variant="with-sk")


@pytest.mark.parametrize(
    "text", ["a: [1", "- 1\n- 2\n", "", "quantities: {}\n", "x: &a 1\ny: *a\n"]
)
def test_malformed_files_get_one_sentence(tmp_path, text):
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        resolve_measurement(path)
    assert "\n" not in str(error.value)
    assert str(path) in str(error.value)


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        resolve_measurement(tmp_path / "none.yaml")
