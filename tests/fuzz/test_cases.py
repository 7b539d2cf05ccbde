"""Cases of `shared/cases` that no room of the house had a test for, each with the right value."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from pontecorvo import InputError, Study, Target, load_problem
from pontecorvo.base.files import writable_file, writable_folder
from pontecorvo.diagnostics.certificate import Check
from pontecorvo.diagnostics.verdict import Verdict
from weighted_run import OneNumber, draw, normal

FAR_AND_NEAR = {
    "reno": [(-1, -0.301529, 24.446), (-0.0457574905606751, -0.301529, 43.876)],
    "double-chooz": [(-1, -0.341660, 7.747), (-0.0457574905606751, -0.211413, 24.876)],
}
"""log10 sin^2 2theta, log10 dm2, and the chi2 of an axis four times finer."""


@pytest.mark.parametrize("name", list(FAR_AND_NEAR))
def test_chi2_between_the_nodes_of_a_template_is_that_of_a_finer_one(command, tmp_path, name):
    points = np.array(FAR_AND_NEAR[name])
    table = ["log10_s22,log10_dm2", *(f"{x!r},{y!r}" for x, y in points[:, :2].tolist())]
    (tmp_path / "points.csv").write_text("\n".join(table))
    out = tmp_path / "out.csv"
    files = "--points", tmp_path / "points.csv", "--out", out
    # the case was computed with the compilation's averages, which were the default
    done = command("scan", "--experiments", name, "--option", "averaging=compiled", *files)
    assert done.code == 0, done.err
    chi2 = [float(line.split(",")[-1]) for line in out.read_text().splitlines()[1:]]
    np.testing.assert_allclose(chi2, points[:, 2], atol=0.05)


def test_every_path_of_a_study_file_is_relative_to_it(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    study = tmp_path / "here" / "study.yaml"
    study.write_text("ordering: no\nnetwork: {file: net/mine.json}\n")
    monkeypatch.chdir("/")
    assert str(load_problem(str(study)).settings.network.file) == str(
        tmp_path / "here" / "net" / "mine.json"
    )


def test_a_run_that_has_not_converged_is_exit_code_3(command, finished_runs, tmp_path):
    shutil.copytree(finished_runs["no"], tmp_path / "out")
    study = finished_runs["no"].parent / "study.yaml"
    done = command("run", study, "--out", tmp_path / "out", "--no-report")
    assert done.code == 3
    assert "NOT CONVERGED" in done.err


@pytest.mark.parametrize(("passed", "code"), [(True, 0), (False, 3)])
def test_a_check_that_fails_is_exit_code_3(command, tmp_path, monkeypatch, passed, code):
    from pontecorvo.study import check as module

    verdict = Verdict("closure", 0.0, (0.0, 1.0), passed, "a line")
    monkeypatch.setattr(module, "check_run", lambda *_: [Check("draws", [verdict], [], {})])
    (tmp_path / "run").mkdir()
    done = command("check", tmp_path / "run", "--out", tmp_path / "out")
    assert done.code == code, done.err
    again = command("check", tmp_path / "run", "--out", tmp_path / "out", "--seed", "1")
    assert (again.code, "--overwrite" in again.err) == (2, True)
    other = command(
        "check", tmp_path / "run", "--out", tmp_path / "out", "--seed", 1, "--overwrite"
    )
    assert other.code == code


@pytest.mark.parametrize(
    "line",
    [
        "check RUN --out RUN",
        "check RUN --out RUN/../run/.",
        "check seesaw-no --out RUN",
        "compare seesaw-no seesaw-io --out RUN",
        "update RUN --out RUN",
        "reweight RUN --measurement nufit-6.0 --out RUN",
        "explain RUN --out RUN",
        "contour --experiments gallex --out RUN",
        "mend RUN/posterior.nc --study seesaw-no --out RUN/posterior.nc",
        "export RUN --out RUN/posterior.nc --format csv",
        "sample seesaw-no --raw --out RUN/posterior.nc",
        "scan --experiments gallex --points POINTS --out RUN/posterior.nc",
        "run seesaw-no --out RUN",
        "train seesaw-no --out RUN/summary.json",
    ],
)
def test_no_verb_replaces_what_is_not_its_own(command, finished_runs, tmp_path, line):
    run = tmp_path / "run"
    shutil.copytree(finished_runs["no"], run)
    (run / "contour.json").write_text("{}")
    (tmp_path / "points.csv").write_text("log10_s22,log10_dm2\n-1,0\n")
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    words = line.replace("RUN", str(run)).replace("POINTS", str(tmp_path / "points.csv"))
    done = command(*words.split())
    assert done.code == 2, done.err
    assert done.err.count("\n") == 1
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before


def test_what_only_decorates_loses_no_run(tmp_path, monkeypatch):
    import pontecorvo.report

    def fail(*arguments):
        raise ZeroDivisionError("a picture")

    monkeypatch.setattr(pontecorvo.report, "write_report", fail)
    study = Study("one", Target(OneNumber(), normal()), draw, "test", draws=50)
    with pytest.raises(ZeroDivisionError):
        study.run(tmp_path / "out")
    assert (tmp_path / "out" / "summary.json").is_file()
    assert replace(study, draws=50).run(tmp_path / "out", report=False).summary["study"] == "one"


@pytest.mark.parametrize("name", ["a" * 300, "a\x00b", "file/below", "/proc/no/such"])
def test_a_path_that_cannot_be_is_found_out_at_once(tmp_path, name):
    (tmp_path / "file").touch()
    for made in (writable_file, writable_folder):
        with pytest.raises(InputError, match="--out") as refused:
            made(tmp_path / name)
        assert len(str(refused.value)) < 500
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
