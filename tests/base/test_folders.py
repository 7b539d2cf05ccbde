"""Folders of results (`base.folders`): nobody else's are replaced, one process at a time."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pontecorvo import InputError
from pontecorvo.base.folders import NOTES, alone_in, claimed_folder, remove_empty, user_path

HOLD = """
import sys, time
from pontecorvo.base.folders import alone_in
with alone_in(sys.argv[1]):
    print("in", flush=True)
    time.sleep(60)
"""


def finish(out, asked, note="certificate.json", **options):
    with claimed_folder(out, note, asked, **options) as (folder, mark):
        (folder / note).write_text(json.dumps({"asked": mark, **asked}))
        (folder / "report.html").write_text("mine")


def test_the_same_command_replaces_its_own_and_no_other_does(tmp_path):
    finish(tmp_path, {"seed": 1})
    finish(tmp_path, {"seed": 1})
    with pytest.raises(InputError, match=r"a certificate of other settings.*--overwrite"):
        finish(tmp_path, {"seed": 2})
    with pytest.raises(InputError, match=r"a certificate .* not of this command"):
        finish(tmp_path, {"seed": 1}, note="update.json", overwrite=True)
    finish(tmp_path, {"seed": 2}, overwrite=True)
    assert json.loads((tmp_path / "certificate.json").read_text())["seed"] == 2


@pytest.mark.parametrize("name", [name for name in NOTES if name != "certificate.json"])
@pytest.mark.parametrize("overwrite", [False, True])
def test_what_is_of_another_command_is_never_replaced(tmp_path, name, overwrite):
    (tmp_path / name).write_text("precious")
    with pytest.raises(InputError, match=name.replace(".", r"\.")):
        finish(tmp_path, {}, overwrite=overwrite)
    assert os.listdir(tmp_path) == [name]
    assert (tmp_path / name).read_text() == "precious"


@pytest.mark.parametrize("content", ["", "[]", '{"asked": null}', "\xff"])
def test_a_note_that_is_not_ours_is_not_replaced(tmp_path, content):
    (tmp_path / "certificate.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(InputError, match="other settings"):
        finish(tmp_path, {})


def test_bad_input_leaves_no_empty_folder(tmp_path):
    with (
        pytest.raises(InputError, match="no good"),
        claimed_folder(tmp_path / "a" / "b", "update.json", {}),
    ):
        raise InputError("no good")
    assert os.listdir(tmp_path) == []
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "x").touch()
    remove_empty([tmp_path / "kept", tmp_path])
    assert (tmp_path / "kept" / "x").exists()


def test_two_processes_do_not_work_in_one_folder(tmp_path):
    source = str(Path(__file__).parents[2] / "src")
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path],
        env={**os.environ, "PYTHONPATH": source},
        stdout=subprocess.PIPE,
    )
    assert other.stdout.readline() == b"in\n"
    with pytest.raises(InputError, match="another process is at work"), alone_in(tmp_path):
        pass
    other.kill()  # a lock goes with its process, whatever ends it
    other.communicate()
    with alone_in(tmp_path):
        assert os.listdir(tmp_path) == []  # and leaves nothing


def test_a_file_system_without_locks_is_done_without(tmp_path, monkeypatch):
    import fcntl

    def no(*arguments):
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no)
    with alone_in(tmp_path), alone_in(tmp_path):
        pass
    monkeypatch.setitem(sys.modules, "fcntl", None)  # Windows
    with alone_in(tmp_path), alone_in(tmp_path):
        assert tmp_path.is_dir()


def test_home_is_home_without_a_shell(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert user_path("~/x") == tmp_path / "x"
    assert user_path("x") == tmp_path / "x"
    for path, word in (("", "empty"), (" ", "empty"), ("~nobody-at-all/x", "no such home")):
        with pytest.raises(InputError, match=word):
            user_path(path)
