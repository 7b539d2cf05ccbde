"""Sources of any kind become entries; what is known is taken whole."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pontecorvo.core.citations import Citation, citations_of, read_bibliography, unique

KNOWN = """\
@article{Known2020,
  author = {One, A. and Two, B. and Three, C.},
  title = {A {Title} with $m_{ee}$ \\& more},
  journal = {JHEP},
  volume = {1},
  year = {2020},
  doi = {10.1000/known},
  eprint = {2001.00001},
}

@misc{Other,
  author = {Solo, S.},
  title = {Other},
  eprint = {hep-ph/0103065},
}
"""


@pytest.fixture
def known(tmp_path):
    path = tmp_path / "some.bib"
    path.write_text(KNOWN)
    return read_bibliography(path)


def test_a_bibliography_is_read_entry_by_entry(known):
    assert list(known) == ["Known2020", "Other"]
    one = Citation("Known2020", known["Known2020"], "data")
    assert one.field("title") == "A Title with $m_ee$ \\& more"
    assert one.short == "One et al., A Title with $m_ee$ & more, JHEP 1, 2020, arXiv:2001.00001"


@pytest.mark.parametrize(
    ("source", "keys"),
    [
        ("Known2020", ["Known2020"]),
        ("A paper, arXiv:2001.00001 and hep-ph/0103065", ["Known2020", "Other"]),
        ("doi:10.1000/known.", ["Known2020"]),
        ("Exp, PLB 1 (2020) 2, arXiv:2401.01234", ["arXiv-2401.01234"]),
        ("release 10.5281/zenodo.123", ["doi-10.5281-zenodo.123"]),
        ("made up", ["made-up"]),
        ("", []),
        ("@misc{Own,\n  title = {Mine},\n}", ["Own"]),
    ],
)
def test_sources_become_entries(known, source, keys):
    found = citations_of([source], "data", known)
    assert [one.key for one in found] == keys


def test_what_is_not_known_says_what_the_source_said_and_no_more(known):
    (one,) = citations_of(["Exp & Co, arXiv:2401.01234"], "data", known)
    assert "eprint = {2401.01234}" in one.entry
    assert "note = {Exp \\& Co, arXiv:2401.01234}" in one.entry
    assert "title" not in one.entry
    assert one.short == "Exp & Co, arXiv:2401.01234"


def test_each_key_once_and_two_meanings_two_keys():
    a, b = Citation("x", "@misc{x,\n}", "data"), Citation("x", "@misc{x,\n note={n},\n}", "model")
    assert [one.key for one in unique([a, a, b])] == ["x", "x-2"]
    assert "@misc{x-2," in unique([a, b])[1].entry


@given(st.text(max_size=80))
def test_no_source_breaks_the_file(text):
    for one in citations_of([text], "data", {}):
        assert re.match(r"@\w+\{[^,\s]+,", one.entry) or text.lstrip().startswith("@")
        assert one.entry.count("{") == one.entry.count("}")
