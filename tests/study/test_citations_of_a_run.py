"""What a run used is cited, and only that."""

import json
import re

import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.core.citations import Citation
from pontecorvo.study.cite import as_bibtex, as_plain, bibliography, citations_for, cite


def keys(citations):
    return [one.key for one in citations]


def test_every_entry_that_ships_has_what_a_reference_needs():
    assert len(bibliography()) > 20
    for key, entry in bibliography().items():
        one = Citation(key, entry, "data")
        assert one.field("author") or one.field("collaboration"), key
        assert one.field("title"), key
        assert re.fullmatch(r"\d{4}", one.field("year")), key
        assert one.field("eprint") or one.field("doi"), key
        assert entry.count("{") == entry.count("}"), key


@pytest.mark.parametrize(
    ("summary", "has", "lacks"),
    [
        ({"method": "emcee"}, "ForemanMackey2013emcee", "Paszke2019pytorch"),
        ({"method": "network, rejuvenated"}, "Paszke2019pytorch", "Lange2023nautilus"),
        ({"method": "network, annealed"}, "Neal2001annealed", "DelMoral2006smc"),
        ({"method": "smc", "method_notes": {"k_hat": 0.1}}, "Vehtari2024psis", "Lipman2022flow"),
        ({"method": "exact", "networks": [{}]}, "Talts2018sbc", "DelMoral2006smc"),
    ],
)
def test_the_method_decides(summary, has, lacks):
    found = keys(citations_for(["made up"], (), summary))
    assert has in found
    assert lacks not in found
    assert found[0] == "made-up"
    assert "Hunter2007matplotlib" not in keys(citations_for([], (), summary, figures=False))


def test_a_run_is_cited_from_its_summary(tmp_path):
    cited = citations_for(["NuFIT, arXiv:2410.05380"], ("Casas2001",), {"method": "exact"})
    (tmp_path / "summary.json").write_text(json.dumps({"citations": as_plain(cited)}))
    assert cite(str(tmp_path)) == cited
    text = as_bibtex(cited)
    assert text.index("% Data") < text.index("% Model") < text.index("% Software")
    assert "Esteban2024nufit" in text


def test_an_older_run_is_cited_from_what_it_says(tmp_path):
    source = {"measurement": {"source": "Exp, arXiv:1234.56789"}}
    (tmp_path / "summary.json").write_text(json.dumps({"method": "smc", "target": source}))
    assert keys(cite(str(tmp_path)))[:2] == ["arXiv-1234.56789", "DelMoral2006smc"]


def test_studies_that_ship_name_their_sources():
    assert keys(cite("seesaw-no"))[:2] == ["Esteban2024nufit", "Casas2001"]
    assert "Paszke2019pytorch" in keys(cite("seesaw-no"))
    assert "arXiv-2511.14593" in keys(cite("juno"))


@pytest.mark.parametrize("content", [None, "[", "[]", '{"citations": [1]}'])
def test_what_is_no_run_is_refused(tmp_path, content):
    if content is not None:
        (tmp_path / "summary.json").write_text(content)
    with pytest.raises(InputError):
        cite(str(tmp_path))
