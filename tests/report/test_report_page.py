import re
from html.parser import HTMLParser

import matplotlib
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.core.problem import RunView
from pontecorvo.report import write_report
from pontecorvo.study.catalog import load_problem

_FIGURES = ["corner", "delta_cp", "heavy_masses", "m_ee", "phases", "yukawas"]


class _Balance(HTMLParser):
    """Collects what a page fetches, and checks that its elements close."""

    void = frozenset({"meta", "link", "img", "br", "path"})

    def __init__(self):
        super().__init__()
        self.open, self.fetched, self.tags, self.text = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.fetched += [v for k, v in attrs if k in ("src", "srcset", "data", "xlink:href")]
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
    assert path.stat().st_size < 5_000_000
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


def test_figures_stand_beside_as_png_and_pdf(written):
    names = sorted(p.name for p in (written / "figures").iterdir())
    assert names == sorted(f"{n}.{kind}" for n in _FIGURES for kind in ("png", "pdf"))
    for path in (written / "figures").iterdir():
        start = path.read_bytes()[:8]
        assert start.startswith(b"\x89PNG" if path.suffix == ".png" else b"%PDF")


def test_page_says_what_was_asked(written):
    text = " ".join(" ".join(_parsed(written / "report.html").text).split())
    for words in (
        "Raw acceptance 25 %",
        "Corrected posterior",
        "Closure 50 %",
        "1.500 ± 0.100",
        "effective size 100",
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
        f"corner-{kind}.{end}" for kind in ("parameters", "predictions") for end in ("pdf", "png")
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
