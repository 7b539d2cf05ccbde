"""Kept shards: a manifest, the same bytes however interrupted, damage found."""

import json

import numpy as np
import pytest

from pontecorvo.base.files import sha256
from pontecorvo.base.seeds import stream
from pontecorvo.base.shards import kept_shards, read_manifest


class Work:
    """Shards that count how often they are computed."""

    def __init__(self, dies_at=None):
        self.done, self.dies_at = [], dies_at

    def __call__(self, key):
        self.done.append(key)
        if len(self.done) == self.dies_at:
            raise KeyboardInterrupt
        return {"x": stream(0, "work", key).random(4)}


KEYS = range(0, 50, 10)


def run(work, folder, settings=0):
    return list(kept_shards(work, KEYS, folder, "part-{:03d}.npz", settings, [*KEYS[1:], 47], 1))


def test_the_manifest_says_what_there_is(tmp_path):
    found = run(Work(), tmp_path)
    content = read_manifest(tmp_path / "part.manifest.json")
    assert [shard["range"] for shard in content["shards"]] == [
        [0, 10], [10, 20], [20, 30], [30, 40], [40, 47],
    ]  # fmt: skip
    for number, shard in enumerate(content["shards"]):
        assert shard["id"] == number
        assert sha256(tmp_path / shard["file"]) == shard["sha256"]
    for key, part in zip(KEYS, found, strict=True):
        np.testing.assert_array_equal(part["x"], stream(0, "work", key).random(4))
    again = Work()
    run(again, tmp_path)
    assert again.done == []


def test_interrupted_work_ends_in_the_same_bytes(tmp_path):
    run(Work(), tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        run(Work(dies_at=4), tmp_path / "broken")
    rest = Work()
    run(rest, tmp_path / "broken")
    assert rest.done == [30, 40]
    for path in (tmp_path / "whole").iterdir():
        assert path.read_bytes() == (tmp_path / "broken" / path.name).read_bytes()


def test_a_damaged_shard_is_made_again(tmp_path):
    run(Work(), tmp_path)
    path = tmp_path / "part-020.npz"
    kept = path.read_bytes()
    for damage in (b"", kept[:50], kept.replace(kept[-300:-290], b"0123456789")):
        path.write_bytes(damage)
        work = Work()
        run(work, tmp_path)
        assert work.done == [20]
        assert path.read_bytes() == kept
    # readable, but not what the manifest says
    path.write_bytes((tmp_path / "part-010.npz").read_bytes())
    work = Work()
    run(work, tmp_path)
    assert work.done == [20]


def test_shards_of_other_settings_are_not_taken(tmp_path):
    run(Work(), tmp_path, settings={"seed": 0})
    work = Work()
    run(work, tmp_path, settings={"seed": 1})
    assert work.done == list(KEYS)


def test_a_manifest_that_cannot_be_read_counts_as_none(tmp_path):
    run(Work(), tmp_path)
    path = tmp_path / "part.manifest.json"
    for text in ("", "[1]", "{}", '{"shards": 3}', "{" * 2000):
        path.write_text(text)
        run(Work(), tmp_path)
        assert len(json.loads(path.read_text())["shards"]) == 5


def test_without_a_folder_nothing_is_kept():
    assert len(list(kept_shards(Work(), KEYS, None, "part-{}.npz", 0))) == 5
