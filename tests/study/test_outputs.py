"""The folder of a run: claimed when the draws are there, and never a mixture of two runs."""

import json

import numpy as np
import pytest

from fast_run import FAST
from pontecorvo import InputError, load_study
from pontecorvo.base.files import sha256
from pontecorvo.study import study as study_module
from sketches import sketched


def build(tmp_path, text=""):
    path = tmp_path / "study.yaml"
    path.write_text(text + FAST)
    return load_study(str(path))


def forbid_drawing(monkeypatch):
    def never(*arguments, **options):
        raise AssertionError("drawn again")

    monkeypatch.setattr("pontecorvo.samplers.exact.sample_exact", never)


def test_a_finished_run_is_not_drawn_again(tmp_path, monkeypatch):
    first = build(tmp_path).run(tmp_path / "o", report=False)
    before = sha256(tmp_path / "o" / "posterior.nc")
    (tmp_path / "o" / "posterior.nc").unlink()
    forbid_drawing(monkeypatch)
    second = build(tmp_path).run(tmp_path / "o", report=False)
    assert sha256(tmp_path / "o" / "posterior.nc") == before
    assert second.summary["seconds"]["draw"] == first.summary["seconds"]["draw"]
    assert second.summary["ess"] == first.summary["ess"]


def test_overwrite_leaves_nothing_of_the_other_run(tmp_path):
    out = tmp_path / "o"
    build(tmp_path).run(out, report=False)
    (out / "report.html").write_text("of the first run")
    (out / "figures").mkdir()
    (out / "figures" / "corner.png").write_text("of the first run")
    (out / "figures" / "mine.svg").write_text("the user's own")
    (out / "notes.txt").write_text("the user's own")
    listed = build(tmp_path).run(out, report=False).summary["files"]  # the same run lists them
    assert {"report.html", "figures/corner.png"} <= set(listed)
    result = build(tmp_path, "seed: 1\n").run(out, overwrite=True, report=False)
    assert not (out / "report.html").exists()
    assert not (out / "figures" / "corner.png").exists()
    assert (out / "figures" / "mine.svg").exists()
    assert (out / "notes.txt").exists()
    assert set(result.summary["files"]) == {"posterior.nc", "equal.nc", "settings.yaml"}
    assert len(list((out / ".stages").iterdir())) == 1


def test_a_run_that_stops_while_drawing_leaves_the_old_results(tmp_path, monkeypatch):
    out = tmp_path / "o"
    build(tmp_path).run(out, report=False)
    before = {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}

    def stop(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("pontecorvo.samplers.exact.sample_exact", stop)
    with pytest.raises(KeyboardInterrupt):
        build(tmp_path, "seed: 1\n").run(out, overwrite=True, report=False)
    assert {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()} == before


def test_leftovers_of_killed_writers_go_and_nothing_else(tmp_path):
    out = tmp_path / "o"
    (out / "figures").mkdir(parents=True)
    rests = [out / ".posterior.nc.abcd_123.tmp", out / "figures" / ".corner.png.zzzzzzzz.tmp"]
    others = [out / "mine.tmp", out / ".hidden"]
    for path in (*rests, *others):
        path.write_text("x")
    build(tmp_path).run(out, report=False)
    assert not any(path.exists() for path in rests)
    assert all(path.exists() for path in others)


def test_a_cut_checkpoint_is_computed_again(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    build(tmp_path).run(one, report=False)
    build(tmp_path).run(two, report=False)
    for rest in (b"", (next(two.glob(".stages/*/draws.npz"))).read_bytes()[:1000]):
        next(two.glob(".stages/*/draws.npz")).write_bytes(rest)
        build(tmp_path).run(two, report=False)
        assert sha256(one / "posterior.nc") == sha256(two / "posterior.nc")


def test_kept_draws_that_the_forward_map_denies_are_not_used(tmp_path):
    from pontecorvo.base.files import load_arrays, save_arrays

    first = build(tmp_path).run(tmp_path / "o", report=False)
    path = next((tmp_path / "o").glob(".stages/*/draws.npz"))
    arrays = load_arrays(path)
    save_arrays(path, **{**arrays, "theta": arrays["theta"] + 0.01})
    second = build(tmp_path).run(tmp_path / "o", report=False)
    np.testing.assert_array_equal(first.draws.theta, second.draws.theta)


def test_the_summary_comes_last(tmp_path, monkeypatch):
    """A folder with a summary is complete: whoever waits for it finds everything else."""

    def fail(*arguments):
        raise RuntimeError("no disk")

    with monkeypatch.context() as context:
        context.setattr(study_module, "intervals", fail)
        with pytest.raises(RuntimeError, match="no disk"):
            build(tmp_path).run(tmp_path / "o", report=False)
    assert not (tmp_path / "o" / "summary.json").exists()
    build(tmp_path).run(tmp_path / "o", report=False)
    listed = json.loads((tmp_path / "o" / "summary.json").read_text())["files"]
    assert listed["posterior.nc"] == sha256(tmp_path / "o" / "posterior.nc")


@pytest.mark.parametrize("bad", [{"draws": 0}, {"draws": 1.5}, {"draws": True}, {"seed": -1}])
def test_a_study_made_in_python_is_checked_too(bad, finished_runs):
    from dataclasses import replace

    study = load_study("seesaw-no")
    with pytest.raises(InputError, match=next(iter(bad))):
        replace(study, **bad)
    assert replace(study, draws=7).settings["draws"] == 7


def test_the_report_is_part_of_the_run(tmp_path):
    with sketched():
        result = build(tmp_path).run(tmp_path / "o")
    files = result.summary["files"]
    assert "report.html" in files
    assert any(name.startswith("figures/") and name.endswith(".pdf") for name in files)
    assert "report" in result.summary["seconds"]
