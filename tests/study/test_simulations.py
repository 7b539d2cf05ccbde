"""`pontecorvo simulate`, as a user calls it."""

import json

import numpy as np
import pytest

from dask_here import cluster_here
from pontecorvo.base.workers import use_workers
from pontecorvo.sbi.simulated_shards import Plan, SimulatedShards
from pontecorvo.study.catalog import load_problem
from pontecorvo.study.simulate import simulate


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def whole(command, tmp_path):
    out = tmp_path / "whole"
    answer = command("simulate", "seesaw-no", "--draws", 150_000, "--shard", 65536, "--out", out)
    assert answer.code == 0, answer.err
    assert "150000 simulations of 5 observables in 3 shards" in answer.out
    return out


def test_simulations_of_a_study(whole, command, tmp_path, monkeypatch):
    content = json.loads((whole / "simulations.json").read_text())
    assert content["complete"]
    assert content["observables"][0] == "dm2_21"
    model = load_problem("seesaw-no").target.model
    shards = SimulatedShards(whole, model)
    shards.verify()
    expected = model.forward(shards.parameters(2)).astype(np.float32)
    np.testing.assert_array_equal(shards.observables(2).astype(np.float32), expected)
    # workers, and a run that is killed, end in the same bytes
    with cluster_here(2) as (pool, _), use_workers(pool):
        simulate("seesaw-no", tmp_path / "shared", Plan(150_000, shard=65536))
    assert files(tmp_path / "shared") == files(whole)
    import pontecorvo.study.simulate as module

    real = module.write_shard

    def dies(model, plan, folder, first):
        if first:
            raise KeyboardInterrupt
        return real(model, plan, folder, first)

    monkeypatch.setattr(module, "write_shard", dies)
    again = ("simulate", "seesaw-no", "--draws", 150_000, "--shard", 65536)
    broken = command(*again, "--out", tmp_path / "broken")
    assert broken.code == 130
    assert "takes up where it was" in broken.err
    monkeypatch.setattr(module, "write_shard", real)
    assert command(*again, "--out", tmp_path / "broken").code == 0
    assert files(tmp_path / "broken") == files(whole)


def test_other_simulations_are_not_overwritten(whole, command):
    before = files(whole)
    other = ("simulate", "seesaw-no", "--draws", 70_000, "--shard", 65536, "--out", whole)
    refused = command(*other)
    assert refused.code == 2
    assert "--overwrite" in refused.err
    assert files(whole) == before
    assert command(*other, "--overwrite").code == 0
    assert len(list(whole.glob("*.npy"))) == 2
