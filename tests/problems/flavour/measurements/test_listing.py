import json
from pathlib import Path

from pontecorvo.problems.flavour.measurements.library import find, library
from pontecorvo.problems.flavour.measurements.listing import as_markdown, as_plain, details, rows

PAGE = Path(__file__).parents[4] / "docs" / "measurements.md"


def test_the_documentation_has_the_table_that_the_command_prints():
    assert as_markdown() in PAGE.read_text(encoding="utf-8")


def test_every_variant_has_its_row():
    names = [row["name"] for row in rows()]
    assert [entry.key for entry in library()] == names[: len(library())]
    assert "m_beta:katrin-259d" in names
    assert {row["name"] for row in rows("forecast")} == {
        *("juno-6y:forecast", "dune-7y:forecast", "hyperk-10y:forecast")
    }


def test_details_say_numbers_and_what_was_assumed():
    text = "\n".join(details(find("nufit-6.1", "without-sk")))
    assert "0.3088 +0.0067 -0.0066" in text
    assert "assumed: errors" in text
    assert "283 +24 -28" in text


def test_json_has_every_number():
    content = json.loads(json.dumps(as_plain("io")))
    by_name = {(c["name"], c["variant"]): c for c in content}
    assert by_name["nufit-6.1", "with-sk"]["quantities"]["dm2_3l"]["central"] == -2.483e-3
    assert ("t2k-2025", "alone") not in by_name
