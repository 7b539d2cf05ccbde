"""Simulations in shards: any cut gives the same numbers; read by map; damage is found."""

import json
import shutil
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from dask_here import cluster_here
from pontecorvo.base.errors import InputError
from pontecorvo.base.files import plain, write_json
from pontecorvo.base.workers import map_shards, use_workers
from pontecorvo.sbi.simulated_shards import (
    BLOCK,
    FORMAT,
    MANIFEST,
    Plan,
    SimulatedShards,
    parameters_of,
    write_shard,
)
from toys import LinearToy

MODEL = LinearToy()


def written(folder, plan):
    folder.mkdir(exist_ok=True)
    entries = list(map_shards(partial(write_shard, MODEL, plan, folder), plan.firsts))
    about = {"plan": plan.__dict__, "model": plain(MODEL.describe())}
    write_json(folder / MANIFEST, {"format": FORMAT, "complete": True, "shards": entries, **about})
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    plan = Plan(2 * BLOCK + 1000, seed=4, shard=BLOCK, keep_parameters=True, precision="float64")
    return written(tmp_path_factory.mktemp("simulated") / "by-one", plan)


def test_every_cut_and_every_worker_give_the_same_numbers(folder, tmp_path):
    small = SimulatedShards(folder, MODEL)
    large_plan = replace(small.plan, shard=4 * BLOCK)
    large = SimulatedShards(written(tmp_path / "large", large_plan), MODEL)
    with cluster_here(2) as (pool, _), use_workers(pool):
        shared = written(tmp_path / "shared", small.plan)
    for path in folder.iterdir():
        assert path.read_bytes() == (shared / path.name).read_bytes()
    assert len(small) == len(large) == 2 * BLOCK + 1000
    for one, other in zip(small, large, strict=True):
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a, b)


def test_numbers_are_the_model_s(folder):
    for block, (theta, observables) in enumerate(SimulatedShards(folder, MODEL)):
        np.testing.assert_array_equal(theta, parameters_of(MODEL, 4, block)[: len(theta)])
        np.testing.assert_array_equal(observables, MODEL.forward(theta))


def test_parameters_that_were_not_kept_are_drawn_again(folder, tmp_path):
    plan = Plan(BLOCK + 10, seed=4, shard=BLOCK)
    shards = SimulatedShards(written(tmp_path / "lean", plan), MODEL)
    kept = SimulatedShards(folder, MODEL)
    np.testing.assert_array_equal(shards.parameters(0), kept.parameters(0))
    np.testing.assert_array_equal(shards.parameters(1), kept.parameters(1)[:10])
    np.testing.assert_allclose(shards.observables(0), kept.observables(0), rtol=1e-6)
    assert not list((tmp_path / "lean").glob("parameters*"))


def test_files_are_mapped_and_not_read(folder):
    shards = SimulatedShards(folder, MODEL)
    assert isinstance(shards._mapped("observables", 0), np.memmap)


def test_damage_is_found(folder, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    SimulatedShards(copy, MODEL).verify()
    path = copy / "observables-000001.npy"
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(InputError, match="is not what"):
        SimulatedShards(copy, MODEL).verify()
    path.write_bytes(bytes(content[:500]))
    with pytest.raises(InputError, match="missing or damaged"):
        SimulatedShards(copy, MODEL).observables(1)


def test_other_models_unfinished_and_damaged_manifests_are_refused(folder, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    whole = json.loads((copy / MANIFEST).read_text())
    for change, said in (
        ({"complete": False}, "not complete"),
        ({"model": {"name": "other"}}, "another model"),
        ({"format": "other"}, "holds no simulations"),
        ({"plan": {"draws": 3}}, "damaged"),
        ({"plan": {**whole["plan"], "draws": 10**9}}, "damaged"),
        ({"shards": [1]}, "damaged"),
    ):
        (copy / MANIFEST).write_text(json.dumps({**whole, **change}))
        with pytest.raises(InputError, match=said):
            SimulatedShards(copy, MODEL)
    with pytest.raises(InputError, match="holds no simulations"):
        SimulatedShards(tmp_path, MODEL)


@pytest.mark.parametrize(
    "wrong", [{"draws": 0}, {"seed": -1}, {"precision": "half"}, {"shard": 1000}, {"shard": 0}]
)
def test_plans_that_are_not_allowed(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        Plan(**{"draws": 10, **wrong})
