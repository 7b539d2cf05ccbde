import json
import os
import stat

import numpy as np
import pytest

from pontecorvo.base.errors import InputError, suggest
from pontecorvo.base.files import (
    atomic_path,
    cached_arrays,
    fingerprint,
    load_arrays,
    save_arrays,
    sha256,
    writable_folder,
    write_json,
)


def test_a_failed_write_leaves_the_old_file_and_no_rest(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail():
        with atomic_path(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_same_arrays_same_bytes(tmp_path):
    for name in ("one", "two"):
        save_arrays(tmp_path / name, x=np.arange(5), y=np.array(["text"]))
    assert sha256(tmp_path / "one") == sha256(tmp_path / "two")
    assert load_arrays(tmp_path / "one")["y"][0] == "text"


def test_cached_arrays_computes_once(tmp_path):
    calls = []

    def compute():
        calls.append(1)
        return {"x": np.ones(3)}

    for _ in range(2):
        assert cached_arrays(tmp_path / "deep" / "c.npz", compute)["x"].sum() == 3
    assert len(calls) == 1


def test_objects_are_never_unpickled(tmp_path):
    np.savez(tmp_path / "bad.npz", x=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        load_arrays(tmp_path / "bad.npz")


def test_json_takes_numpy_and_turns_nan_into_null(tmp_path):
    write_json(tmp_path / "a.json", {"x": np.float64(1.5), "y": np.array([np.nan, 2])})
    assert json.loads((tmp_path / "a.json").read_text()) == {"x": 1.5, "y": [None, 2.0]}


def test_fingerprint_depends_on_content_only():
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "f").write_text("")
    with pytest.raises(InputError, match="is a file"):
        writable_folder(tmp_path / "f")
    with pytest.raises(InputError, match="cannot write there"):
        writable_folder(tmp_path / "f" / "below")


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_unwritable_folder(tmp_path):
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(InputError, match="cannot write"):
        writable_folder(tmp_path / "new")


def test_suggest_names_the_closest_first():
    assert suggest("seesaw-on", ["sterile", "seesaw-no"]).startswith("did you mean 'seesaw-no'?")
