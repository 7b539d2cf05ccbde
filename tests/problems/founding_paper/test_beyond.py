"""Steered and mended draws beside the recipe's own (`beyond`), and the folder of the stages."""

import json

import numpy as np
import pytest

from pontecorvo import load_study
from pontecorvo.problems.founding_paper.beyond import mended_book
from pontecorvo.problems.founding_paper.settings import FoundingSettings
from pontecorvo.problems.founding_paper.stage_folder import StageFolder

TINY = """
study: founding-paper
reading: recommended
pairs: 5000
network: {updates: 2500, widths: [64, 32, 24, 16, 24, 32, 64]}
generation: {steps: 40, beyond: 20}
draws: 100
"""


@pytest.mark.slow
def test_the_recommended_reading_solves_and_the_lift_mends(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text(TINY)
    load_study(str(path)).run(tmp_path / "out")
    notes = json.loads((tmp_path / "out" / "summary.json").read_text())["method_notes"]
    assert notes["rounds"][-1]["eleven_labels"]["value"] > 0.05
    books = {book["what"]: book for book in notes["beyond"]}
    assert list(books) == ["plain", "plain, mended", "steered", "steered, mended"]
    assert all(book["eleven_labels"]["of"] == 20 for book in books.values())
    assert books["plain"]["eleven_labels"]["accepted"] == 0
    assert books["plain, mended"]["eleven_labels"]["accepted"] > 0
    assert "plain, mended" in (tmp_path / "out" / "report.html").read_text()


def test_what_cannot_be_mended_says_why():
    settings = FoundingSettings()
    target = settings.target()
    theta = target.model.prior.sample(3, np.random.default_rng(0))
    theta[:, 0] = 7.0  # outside the prior
    book = mended_book(theta, target, settings.labels(target.model))
    assert "prior" in book["failed"]


def test_a_stage_is_computed_and_timed_once(tmp_path):
    kept = StageFolder(tmp_path)
    for _ in range(2):
        with kept.timed("one"):
            found = kept.arrays("a.npz", lambda: {"x": np.arange(3)})
    assert found["x"].tolist() == [0, 1, 2]
    first = kept.seconds["one"]
    with kept.timed("one"):
        kept.arrays("a.npz", lambda: pytest.fail("computed again"))
    assert kept.seconds == {"one": first}
    with StageFolder(None).timed("nowhere"):
        pass
