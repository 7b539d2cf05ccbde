"""The page of a run begins with its story (`report/sterile_page.py`)."""

import re

import yaml

from pontecorvo.problems.sterile.report.sterile_page import STATE
from pontecorvo.study.catalog import load_study
from sketches import sketched

QUICK = {
    "study": "sterile",
    "experiments": ["sage", "solar"],
    "draws": 400,
    "sampler": {"proposals": 65536},
    "neural": "none",
    "frequentist": {"points": [6, 6], "belts": "none", "tail_trials": 1000},
}


def test_the_first_lines_of_page_and_summary_are_the_story(tmp_path):
    path = tmp_path / "quick.yaml"
    path.write_text(yaml.safe_dump(QUICK))
    with sketched():
        finished = load_study(str(path)).run(tmp_path / "out")
    page = (finished.out / "report.html").read_text()
    title = re.search("<h1>(.*?)</h1>", page, re.S).group(1)
    assert "2 experiments" in title
    assert "sterile neutrino" in title
    said = finished.summary["headline"]
    assert [line.partition(":")[0] for line in said] == [
        "preference", "best fit", "posterior", "contradiction",
    ]  # fmt: skip
    places = [page.index(word) for word in ("preference", "posterior", "contradiction")]
    assert places == sorted(places)
    assert places[-1] < page.index("What each method says")
    assert f'class="verdict {STATE[False]}"' in page
    assert "Draws of the posterior" in page
