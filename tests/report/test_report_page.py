import base64
import re
from html.parser import HTMLParser

import matplotlib
import pytest
from markupsafe import Markup

from pontecorvo.base.errors import InputError
from pontecorvo.core.problem import RunView
from pontecorvo.report import write_report
from pontecorvo.study.catalog import load_problem

_FIGURES = ["corner", "delta_cp", "heavy_masses", "m_ee", "phases", "yukawas"]


class _Balance(HTMLParser):
    """Collects what a page fetches, and checks that its elements close."""

    void = frozenset({"meta", "link", "img", "br", "path"})
    downloads: dict[str, bytes]

    def __init__(self):
        super().__init__()
        self.open, self.fetched, self.tags, self.text = [], [], [], []
        self.downloads, self.links = {}, []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.fetched += [v for k, v in attrs if k in ("src", "srcset", "data", "xlink:href")]
        given = dict(attrs)
        if "download" in given:
            head, _, content = given["href"].partition(";base64,")
            assert head.startswith("data:")
            self.downloads[given["download"]] = base64.b64decode(content, validate=True)
        elif tag == "a":
            self.links.append(given["href"])
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def _parsed(path):
    page = _Balance()
    page.feed(path.read_text(encoding="utf-8"))
    assert page.open == []
    return page


def _check_self_contained(path):
    page = _parsed(path)
    assert all(v.startswith("data:image/svg+xml;base64,") for v in page.fetched)
    assert "script" not in page.tags
    assert "link" not in page.tags
    assert not re.search(r"url\(|@import", path.read_text(encoding="utf-8"))
    assert "default-src 'none'" in path.read_text(encoding="utf-8")
    assert all(link.startswith("#") for link in page.links)  # none that needs another file
    assert path.stat().st_size < 8_000_000
    return page


@pytest.fixture(scope="module")
def written(seesaw_no, tmp_path_factory):
    out = tmp_path_factory.mktemp("report")
    (out / "settings.yaml").write_text("study: seesaw\nnote: <b>bold</b>\n")
    before = dict(matplotlib.rcParams)
    write_report(
        seesaw_no.target,
        RunView(out, seesaw_no.groups, seesaw_no.summary),
        load_problem("seesaw-no"),
    )
    assert dict(matplotlib.rcParams) == before
    return out


def test_seesaw_page_is_one_file_that_fetches_nothing(written):
    page = _check_self_contained(written / "report.html")
    assert page.tags.count("img") == len(_FIGURES)
    assert sorted(p.name for p in written.iterdir()) == ["figures", "report.html", "settings.yaml"]


def test_figures_stand_beside_as_png_pdf_and_csv(written):
    names = sorted(p.name for p in (written / "figures").iterdir())
    assert names == sorted(f"{n}.{kind}" for n in _FIGURES for kind in ("png", "pdf", "csv"))
    starts = {".png": b"\x89PNG", ".pdf": b"%PDF", ".csv": b"# panel 1: x = "}
    for path in (written / "figures").iterdir():
        assert path.read_bytes().startswith(starts[path.suffix])


def test_every_figure_and_its_data_come_out_of_the_page_alone(written):
    page = _parsed(written / "report.html")
    kinds = ("svg", "png", "csv")
    assert set(page.downloads) == {f"{n}.{kind}" for n in _FIGURES for kind in kinds}
    for name in _FIGURES:
        assert b"<svg" in page.downloads[f"{name}.svg"][:600]
        assert page.downloads[f"{name}.png"].startswith(b"\x89PNG")
        beside = (written / "figures" / f"{name}.csv").read_bytes()
        assert page.downloads[f"{name}.csv"] == beside
        assert len(beside) < 600_000


def test_the_first_screen_has_the_verdict_the_numbers_and_the_main_picture(written):
    html = (written / "report.html").read_text(encoding="utf-8")
    places = [html.index(text) for text in (
        "<h1>Type-I seesaw, normal ordering", 'class="verdict bad"', "100 of 300 draws (ESS)",
        'class="tile"', '<figure id="m_ee">', "<nav",
    )]  # fmt: skip
    assert places == sorted(places)
    assert html.count('<figure id="m_ee">') == 1
    assert "only 100 effective draws" in html


def test_symbols_of_tables_are_text(written):
    html = (written / "report.html").read_text(encoding="utf-8")
    tables = re.findall(r"<table.*?</table>", html, re.DOTALL)
    assert tables
    assert not any("<svg" in table for table in tables)
    assert any(Markup(table).striptags().count("Δm^2_21") for table in tables)


def test_one_number_is_called_seed(toy, tmp_path):
    summary = {"method": "network", "seed": 7, "method_notes": {"seed": 123}}
    write_report(toy.target, RunView(tmp_path, toy.groups, summary))
    text = " ".join("".join(_parsed(tmp_path / "report.html").text).split())
    assert "seed of the run (--seed)" in text
    assert "seed of the draws (derived from the run's seed and names)" in text
    assert "A network is a small neural density" in text


def test_a_paper_finds_its_methods_and_references(toy, tmp_path):
    entry = "@misc{x1,\n  author = {A, B},\n  title = {On <x>},\n  year = {2024},\n}"
    cited = [{"key": "x1", "role": "data", "text": "A, On <x>, 2024", "bibtex": entry}]
    summary = {"method": "smc", "citations": cited, "ess": 50.0, "counts": {"draws": 300}}
    write_report(toy.target, RunView(tmp_path, toy.groups, summary))
    page = _parsed(tmp_path / "report.html")
    text = " ".join("".join(page.text).split())
    assert "given the data [1] was drawn by annealed sequential Monte Carlo" in text
    assert "A, On <x>, 2024" in text
    assert page.downloads["references.bib"].decode() == entry + "\n"


def test_page_says_what_was_asked(written):
    text = " ".join(" ".join(_parsed(written / "report.html").text).split())
    for words in (
        "Raw acceptance 25 %",
        "Corrected posterior",
        "Closure 50 %",
        "1.500 ± 0.100",
        "draw 1.25",
        "python 3.11",
        "SHA-256 of settings.yaml",
        "note: <b>bold</b>",
        "uniform in [−1, 1]",
        "in ascending order",
        "106 and 228",
    ):
        assert words in text, words


def test_toy_page_escapes_names_and_lacks_nothing(toy, tmp_path):
    write_report(toy.target, RunView(tmp_path, toy.groups, toy.summary))
    page = _check_self_contained(tmp_path / "report.html")
    text = "".join(page.text)
    assert "toy <script>alert(1)</script>" in text
    assert "a <b> in the description" in text
    names = sorted(p.name for p in (tmp_path / "figures").iterdir())
    assert names == [
        f"corner-{kind}.{end}"
        for kind in ("parameters", "predictions")
        for end in ("csv", "pdf", "png")
    ]


def test_unconverged_draws_are_called_so_at_the_top(toy, tmp_path):
    summary = {"converged": False, "log_evidence": float("nan")}
    write_report(toy.target, RunView(tmp_path, toy.groups, summary))
    text = "".join(_parsed(tmp_path / "report.html").text)
    assert text.index("NOT CONVERGED") < text.index("Posterior medians")
    assert "this method gives none" in text


def test_same_draws_same_bytes_but_not_with_a_second_posterior(toy, tmp_path):
    files = []
    for name, reference in (("a", None), ("b", None), ("c", toy.groups)):
        out = tmp_path / name
        write_report(toy.target, RunView(out, toy.groups, {}, reference, "the exact one"))
        paths = sorted(path for path in out.rglob("*") if path.is_file())
        files.append({path.relative_to(out).as_posix(): path.read_bytes() for path in paths})
    first, second, beneath = files
    assert first == second
    assert first.keys() == beneath.keys()
    assert all(first[name] != beneath[name] for name in first)


def test_draws_without_weight_are_refused(toy, tmp_path):
    stats = toy.groups["sample_stats"]
    nothing = stats.assign(log_weight=stats["log_weight"] * 0 - float("inf"))
    with pytest.raises(InputError, match="no draw has a finite log_weight"):
        write_report(toy.target, RunView(tmp_path, {**toy.groups, "sample_stats": nothing}, {}))
    assert not (tmp_path / "report.html").exists()
