"""Verbs give the same bytes with workers as without: their long work is sent by value."""

import pytest

from dask_here import cluster_here
from pontecorvo.base.workers import use_workers

QUICK = "ordering: no\nsampler: {proposals: 131072, particles: 200, max_sweeps: 40}\n"
TRAINING = "examples: 1024, chains: 256, what_ifs: 2, steps: 5, batch: 64, width: 16, blocks: 1"


@pytest.fixture(scope="module")
def pool():
    with cluster_here(2) as (made, _):
        yield made


@pytest.fixture
def study(tmp_path):
    path = tmp_path / "quick.yaml"
    path.write_text(f"{QUICK}training: {{{TRAINING}}}\n")
    return path


def bytes_of(folder, *patterns):
    found = [path for pattern in patterns for path in folder.glob(pattern)]
    return {path.relative_to(folder): path.read_bytes() for path in found if path.is_file()}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "patterns"),
    [
        (("run", "STUDY", "--method", "exact", "--draws", 300, "--no-report"), ["posterior.nc"]),
        (("run", "STUDY", "--method", "smc", "--draws", 400, "--no-report"), ["posterior.nc"]),
        (("train", "STUDY"), ["net.json", "net.*.safetensors"]),
        (
            ("contour", "--experiments", "danss", "--points", "5x5", "--max-trials", 1000),
            ["belt.npz", "contours.csv", ".trials/**/*"],
        ),
    ],
    ids=["exact", "smc", "train", "contour"],
)
def test_the_same_bytes(command, study, pool, tmp_path, words, patterns):
    folders = []
    for name in ("alone", "shared"):
        out = tmp_path / name
        target = out / "net" if words[0] == "train" else out
        asked = [study if word == "STUDY" else word for word in words]
        if name == "shared":
            with use_workers(pool):
                answer = command(*asked, "--out", target)
        else:
            answer = command(*asked, "--out", target)
        assert answer.code in (0, 3), answer.err
        folders.append(bytes_of(out, *patterns))
    assert folders[0]
    assert folders[0] == folders[1]


@pytest.mark.slow
def test_answers_of_a_network_are_the_same(study, pool, tmp_path):
    from pontecorvo.study.catalog import load_problem
    from pontecorvo.study.network_trials import network_answers

    asked = (load_problem(str(study)), 60, 10, 0)
    network_answers(*asked, tmp_path / "alone")
    with use_workers(pool):
        network_answers(*asked, tmp_path / "shared")
    alone, shared = (bytes_of(tmp_path / name, "*") for name in ("alone", "shared"))
    assert len([path for path in alone if path.name.startswith("answers-")]) == 2
    assert alone == shared


def test_a_ranking_is_the_same_with_workers(pool, tmp_path):
    from dataclasses import replace

    from pontecorvo.study.evidence import Candidate, rank

    small = {"sampler": {"proposals": 65536, "max_steps": 100}, "draws": 100, "method": "exact"}
    models = [Candidate(name, "mixing-tm1", {**small, "seed": s}) for s, name in enumerate("ab")]
    alone = rank(models, None, jobs=1)
    with use_workers(pool):
        shared = rank(models, tmp_path)
    assert [replace(e, seconds=0) for e in alone] == [replace(e, seconds=0) for e in shared]
    assert len(list((tmp_path / "evidences").glob("*.json"))) == 2
