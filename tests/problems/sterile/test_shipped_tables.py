import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.sterile.shipped_tables import papers, shipped_table


def test_a_table_names_its_papers():
    table = shipped_table("solar.csv", positive=("confidence_level", "s22_upper"))
    assert len(table) == 2
    assert "arXiv" in papers(table)
    assert "Licence" not in papers(table)


def test_its_rules_hold():
    with pytest.raises(InputError, match=r"solar\.csv.*'energy'"):
        shipped_table("solar.csv", required=("energy",))
