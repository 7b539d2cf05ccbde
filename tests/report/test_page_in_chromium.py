"""The page in a real browser: downloads without a network, a phone's width, dark mode, copying."""

import pytest

from pontecorvo.core.problem import RunView
from pontecorvo.report.generic import write_generic
from pontecorvo.report.page import data_uri

pytestmark = pytest.mark.browser
TOP = """() => {
  const seen = e => { const b = e.getBoundingClientRect(); return b.top < innerHeight && b.left >= 0
    && b.right <= innerWidth; };
  return ['.verdict', '.tiles', 'figure img'].map(q => seen(document.querySelector(q)));
}"""
COPIED = """() => { const s = getSelection();
  s.selectAllChildren(document.querySelector('table.numbers')); return s.toString(); }"""


@pytest.fixture(scope="module")
def page_file(toy, tmp_path_factory):
    out = tmp_path_factory.mktemp("page")
    rows = [
        {"prior": name, "ess": 50.0, "usable": True,
         **{q: {"median": 1.0, "ci68": [0.5, 1.5]} for q in ("r2", "s")}}
        for name in ("as in this run", "another prior with a rather long name", "a third")
    ]  # fmt: skip
    entry = {"key": "a", "role": "data", "text": "A, 2024", "bibtex": "@misc{a,\n}"}
    summary = {"converged": True, "ess": 500.0, "prior_dependence": rows, "citations": [entry]}
    return write_generic(toy.target, RunView(out, toy.groups, summary))


def opened(browser, path, width, scheme="light"):
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True
    )
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text))
    page.on(
        "request",
        lambda request: request.url.startswith(("http", "ws")) and complaints.append(request.url),
    )
    page.goto(path.as_uri())
    return page, complaints


@pytest.mark.parametrize("width", [390, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_scrolls_sideways_and_nothing_is_asked_of_the_network(
    browser, page_file, width, scheme
):
    page, complaints = opened(browser, page_file, width, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert complaints == []
    back = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (back == "rgb(255, 255, 255)") == (scheme == "light")
    if width == 1400:
        assert page.evaluate(TOP) == [True, True, True]


def test_the_prior_table_shows_every_prior_on_a_phone(browser, page_file):
    page, _ = opened(browser, page_file, 390)
    cells = page.eval_on_selector_all(
        "table.priors td", "all => all.map(e => [e.getBoundingClientRect().left, "
        "e.getBoundingClientRect().right])",
    )  # fmt: skip
    assert len(cells) == 12
    assert all(0 <= left < right <= 390 for left, right in cells)


def test_links_give_the_files_and_tables_their_symbols(browser, page_file):
    page, _ = opened(browser, page_file, 1400)
    for kind, start in (("svg", b"<?xml"), ("png", b"\x89PNG"), ("csv", b"# panel 1")):
        with page.expect_download() as download:
            page.click(f"figure a[download='corner-predictions.{kind}']")
        with open(download.value.path(), "rb") as file:
            assert file.read().startswith(start)
    assert "r^2\t" in page.evaluate(COPIED)


def test_a_script_in_a_name_cannot_run(browser, page_file):
    page, _ = opened(browser, page_file, 1400)
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"hit=1\">')")
    assert page.evaluate("typeof hit") == "undefined"
    assert data_uri("text/csv", b"a") == "data:text/csv;base64,YQ=="
