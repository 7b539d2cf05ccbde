"""The page in a real Chromium: what it shows, what it refuses, what it never asks for.

Run with ``pytest -m browser``; needs the extra ``browser`` and a Chromium of the system. The page's
own policy forbids evaluated code, so everything here goes through the page's elements.
"""

import re
import subprocess
import sys
import time
from urllib.parse import urlsplit

import pytest

from explorer_toy import served, toy_plane

pytestmark = pytest.mark.browser

DRAWS = 600
WAIT = 120_000  # ms: the machine may be busy


def started(*arguments):
    """`pontecorvo explore` as a process of its own; gives it and its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pontecorvo", "explore", *arguments, "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    line = process.stdout.readline()
    return process, re.search(r"http://\S+", line).group()


@pytest.fixture(scope="module")
def address():
    process, found = started("seesaw-no", "--draws", str(DRAWS))
    yield found
    process.terminate()
    process.wait(30)
    process.stdout.close()


class Watched:
    """A page, everything that it asked for, and everything that its console said."""

    def __init__(self, browser, address, width=1400, height=900, **options):
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, accept_downloads=True, **options
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(WAIT)
        self.asked, self.said = [], []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.goto(address)
        self.page.wait_for_selector("body[data-answer]")

    def answered(self):
        return int(self.page.locator("body").get_attribute("data-answer"))

    def wait_beyond(self, number):
        end = time.time() + WAIT / 1000
        while self.answered() <= number and time.time() < end:
            self.page.wait_for_timeout(30)
        assert self.answered() > number

    def settle(self):
        """Until the network has drawn all that it wants to."""
        end = time.time() + WAIT / 1000
        while "more to come" in self.page.locator("#quality").inner_text() and time.time() < end:
            self.page.wait_for_timeout(100)

    def close(self):
        self.context.close()
        for url in self.asked:
            assert url.startswith("blob:") or urlsplit(url).hostname == "127.0.0.1", url
        assert not self.said


@pytest.fixture
def watched(browser, address):
    found = Watched(browser, address)
    yield found
    found.close()


def numbers_of(watched, name):
    """Median and 68 % interval as the panel says them to a screen reader."""
    text = watched.page.locator(f'svg.plot[aria-label^="Posterior of {name}"]').get_attribute(
        "aria-label"
    )
    number = r"(−?\d+(?:\.\d+)?)"
    found = re.search(rf"median {number}, 68 % from {number} to {number}", text)
    return [float(number.replace("−", "-")) for number in found.groups()]


def by_command_line(*options):
    """The same from `pontecorvo sample`, in eV."""
    done = subprocess.run(
        [sys.executable, "-m", "pontecorvo", "sample", "seesaw-no", *options, "--draws", "1500"],
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [line.split() for line in done.stdout.splitlines()]
    return {row[0]: [float(x) for x in row[1:4]] for row in rows if len(row) in (4, 5)}


def test_numbers_follow_a_slider_and_agree_with_the_command_line(watched):
    """Medians within Monte-Carlo error: of a median, 1.25 sigma / sqrt(ESS) for a normal."""
    page = watched.page
    watched.settle()
    before = numbers_of(watched, "m_beta")
    number = watched.answered()
    page.locator("#value-sin2_theta13").fill("0.028")
    watched.wait_beyond(number)
    watched.settle()
    command = page.locator("#command").inner_text()
    assert command == "pontecorvo sample seesaw-no --set sin2_theta13=0.028"
    effective = float(page.locator("#quality dd").first.inner_text().split()[0].replace(",", ""))
    exact = by_command_line("--set", "sin2_theta13=0.028")
    for name in ("m_ee", "sum_m", "m_beta"):
        found = numbers_of(watched, name)
        wanted = [1000 * x for x in exact[name]]  # meV
        width = max(wanted[2] - wanted[1], found[2] - found[1]) / 2
        error = 1.25 * width * (1 / effective + 1 / 900) ** 0.5
        for side in range(3):
            assert abs(found[side] - wanted[side]) < 6 * error + 0.02 * abs(wanted[side]), name
    after = numbers_of(watched, "m_beta")
    assert after[0] - before[0] > 3 * 1.25 * (before[2] - before[1]) / effective**0.5


def test_sliders_move_by_keyboard(watched):
    page, number = watched.page, watched.answered()
    slider = page.get_by_role("slider", name=re.compile("sin2_theta23.*value"))
    box = page.locator("#value-sin2_theta23")
    before = float(box.input_value())
    slider.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    watched.wait_beyond(number)
    assert float(box.input_value()) > before
    page.get_by_role("button", name="Back to the study").click()
    assert float(box.input_value()) == before


def test_out_of_range_is_refused_and_the_old_view_is_greyed(browser, address):
    watched = Watched(browser, address)
    page = watched.page
    before = numbers_of(watched, "m_ee")
    page.locator("#value-sin2_theta23").fill("0.69")
    page.wait_for_selector("#refusal:not([hidden])")
    assert "leaves the range" in page.get_by_role("alert").inner_text()
    assert "pontecorvo train" in page.get_by_role("alert").inner_text()
    page.wait_for_timeout(1000)
    assert page.evaluate("getComputedStyle(document.querySelector('.grid')).opacity") == "0.38"
    assert numbers_of(watched, "m_ee") == before
    page.get_by_role("button", name="Back to the study").click()
    page.wait_for_selector("#refusal", state="hidden")
    watched.close()


def test_forecasts_press_and_release(watched):
    page, number = watched.page, watched.answered()
    button = page.get_by_role("button", name="JUNO six years")
    button.click()
    watched.wait_beyond(number)
    assert button.get_attribute("aria-pressed") == "true"
    assert float(page.locator("#error-sin2_theta12").input_value()) == 0.00154
    assert "--sigma sin2_theta12=" in page.locator("#command").inner_text()
    dune = page.get_by_role("button", name="DUNE seven years")
    number = watched.answered()
    dune.click()
    watched.wait_beyond(number)
    assert page.locator("#on-delta_cp").is_checked()
    button.click()
    dune.click()
    assert float(page.locator("#error-sin2_theta12").input_value()) == 0.00665
    assert not page.locator("#on-delta_cp").is_checked()


def test_brushing_one_panel_selects_in_the_others(watched):
    page = watched.page
    box = page.locator('svg.plot[aria-label^="Posterior of m_ee"]').bounding_box()
    page.mouse.move(box["x"] + 0.45 * box["width"], box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 60, steps=4)
    page.mouse.up()
    assert "% of the posterior" in page.locator("#chosen").inner_text()
    red = page.locator("article.panel svg.plot").nth(6).locator('path[fill-opacity="0.2"]')
    assert red.count() == 1  # |Y_e1| shows the selected draws
    page.locator("#unselect").click()
    assert page.locator("#chosen").is_hidden()
    panel = page.locator("article.panel").first
    panel.locator("summary").click()
    panel.get_by_label("select m_ee: from").fill("3")
    panel.get_by_label("select m_ee: to").fill("4")
    panel.get_by_label("select m_ee: to").press("Enter")
    share = float(
        re.search(r"([\d.]+) % of the posterior", page.locator("#chosen").inner_text())[1]
    )
    assert 5 < share < 95


def test_a_draw_is_shown_and_saved(watched, tmp_path):
    page = watched.page
    watched.settle()
    page.locator("#likeliest").click()
    page.wait_for_selector("#draw table")
    captions = page.locator("#draw caption").all_inner_texts()
    assert [c[0] for c in captions] == ["Y", "M", "U", "m"]
    for name, start in (("JSON", "{"), ("CSV", "group,"), ("SLHA", "# pontecorvo")):
        with page.expect_download() as download:
            page.locator("#draw").get_by_role("button", name=name, exact=True).click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        assert path.read_text().startswith(start)
    page.locator("#random").click()
    page.wait_for_timeout(500)
    # a dot of a panel of two
    picture = page.locator(".panel.pair svg.plot").first
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    before = page.locator("#draw-number").input_value()
    for x in (0.5, 0.55, 0.6, 0.65, 0.7):
        page.mouse.click(box["x"] + x * box["width"], box["y"] + 0.35 * box["height"])
        page.wait_for_timeout(400)
        if page.locator("#draw-number").input_value() != before:
            break
    assert page.locator("#draw-number").input_value() != before
    assert picture.locator("circle").count() == 1


def test_figures_and_the_study_are_saved(watched, tmp_path):
    import yaml

    page = watched.page
    watched.settle()
    starts = {"#save-yaml": b"# The view", "#save-draws": b"# seesaw-no", "#save-svg": b"<svg",
              "#save-png": b"\x89PNG"}  # fmt: skip
    for button, start in starts.items():
        with page.expect_download() as download:
            page.locator(button).click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        assert path.read_bytes().startswith(start), button
        if path.suffix == ".svg":
            text = path.read_text()
            assert "<script" not in text
            assert "http" not in text.replace("http://www.w3.org/", "")
        if path.suffix == ".yaml":
            assert yaml.safe_load(path.read_text())["study"] == "seesaw"


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1400, 900)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_sideways_scroll(browser, address, width, height, scheme):
    watched = Watched(browser, address, width, height, color_scheme=scheme)
    page = watched.page
    if width < 820:
        assert page.locator("#controls").get_attribute("open") is None
        page.locator("#controls summary").first.click()
    page.locator("#likeliest").click()
    page.wait_for_selector("#draw table")
    page.locator("article.panel summary").first.click()
    size = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert size[0] <= size[1]
    watched.close()


FOCUSABLE = "a[href], button, input, select, summary, [tabindex='0']"


def test_keyboard_reaches_everything(watched):
    page = watched.page
    page.locator("#likeliest").click()
    page.wait_for_selector("#draw table")
    wanted = {
        element.evaluate("e => e.id || e.getAttribute('aria-label') || e.textContent")
        for element in page.locator(FOCUSABLE).all()
        if element.is_visible() and element.is_enabled()
    }
    page.evaluate("document.activeElement.blur()")
    page.evaluate("window.scrollTo(0, 0)")
    page.locator(".skip").focus()
    reached = set()
    for _ in range(3 * len(wanted)):
        reached.add(
            page.evaluate(
                "(e => e.id || e.getAttribute('aria-label') || e.textContent)"
                "(document.activeElement)"
            )
        )
        page.keyboard.press("Tab")
    assert wanted <= reached, wanted - reached


def names_in(tree):
    """Role and name of every line of an accessibility snapshot."""
    return re.findall(r"""- '?(\w+)(?: "((?:[^"\\]|\\.)*)")?""", tree)


def test_screen_readers_find_names(watched):
    """Chromium's own accessibility tree: nothing to be operated, and no picture, is nameless."""
    page = watched.page
    found = names_in(page.locator("body").aria_snapshot())
    roles = {"button", "slider", "spinbutton", "checkbox", "combobox", "link", "img"}
    nameless = [role for role, name in found if role in roles and not name.strip()]
    assert not nameless
    assert ("heading", "seesaw-no") in found
    sliders = [name for role, name in found if role == "slider"]
    assert len(sliders) == 12
    assert len(set(sliders)) == 12
    pictures = [name for role, name in found if role == "img"]
    assert any("m_ee" in name and "median" in name for name in pictures)
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator('[role="status"][aria-live="polite"]').count() == 1


@pytest.fixture(scope="module")
def plane():
    with served(toy_plane()) as port:
        yield f"http://127.0.0.1:{port}/"


@pytest.mark.parametrize("width", [390, 1400])
def test_a_plane_switches_its_parts(browser, plane, width):
    watched = Watched(browser, plane, width)
    page = watched.page
    if width < 820:
        page.locator("#controls summary").first.click()
    number = watched.answered()
    page.locator("#part-two").check()
    watched.wait_beyond(number)
    assert "one,two" in page.locator("#commands").inner_text()
    page.get_by_role("button", name="All of Circles off").click()
    page.wait_for_selector("#refusal:not([hidden])")
    assert "switch one on" in page.get_by_role("alert").inner_text()
    page.get_by_role("button", name="Only Circles").click()
    page.wait_for_selector("#refusal", state="hidden")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    # the hostile title of the second part is text
    assert page.locator("label[for=part-two]").inner_text() == "=<script>alert(1)</script>"
    nameless = [
        role
        for role, name in names_in(page.locator("body").aria_snapshot())
        if role in {"button", "checkbox", "img"} and not name.strip()
    ]
    assert not nameless
    watched.close()
