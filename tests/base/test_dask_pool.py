"""A pool of many workers: the same results while they die, each costing its shard only."""

import random

import numpy as np
import pytest

from dask_here import cluster_here
from pontecorvo.base import dask_pool
from pontecorvo.base.dask_pool import SMALL, packed
from pontecorvo.base.errors import InputError
from pontecorvo.base.seeds import stream
from pontecorvo.base.shards import kept_shards
from pontecorvo.base.workers import use_workers


def tiny(key):
    return {"x": stream(1, "tiny", key).random(10)}


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def done(folder, keys=range(120)):
    return list(kept_shards(tiny, keys, folder, "tiny-{:04d}.npz", {"seed": 1}))


def killed_at_random(workers, kills, folder, seed):
    """Do the shards while workers are taken away; how many were, and what came out."""
    rng, killed = random.Random(seed), 0
    with cluster_here(workers) as (pool, cluster), use_workers(pool):
        found = []
        for part in kept_shards(tiny, range(120), folder, "tiny-{:04d}.npz", {"seed": 1}):
            found.append(part)
            alive = list(cluster.workers.values())
            if killed < kills and rng.random() < 0.5 and len(alive) > 1:
                victim = rng.choice(alive)
                cluster.sync(victim.close, executor_wait=False, nanny=False)
                cluster.workers = {k: w for k, w in cluster.workers.items() if w is not victim}
                killed += 1
    return killed, found


def test_the_same_bytes_with_workers_taken_away_at_random(tmp_path):
    alone = done(tmp_path / "alone")
    killed, found = killed_at_random(4, 3, tmp_path / "many", 0)
    assert killed == 3
    assert files(tmp_path / "alone") == files(tmp_path / "many")
    for one, other in zip(alone, found, strict=True):
        np.testing.assert_array_equal(one["x"], other["x"])


@pytest.mark.slow
@pytest.mark.parametrize("kills", [0, 40])
def test_sixty_four_workers(tmp_path, kills):
    done(tmp_path / "alone")
    killed, _ = killed_at_random(64, kills, tmp_path / "many", kills)
    assert killed == kills
    assert files(tmp_path / "alone") == files(tmp_path / "many")


def test_large_functions_are_sent_once_and_kept():
    table = np.arange(SMALL, dtype=float)

    def looked_up(key):
        return table[key]

    with cluster_here(2) as (pool, _):
        assert len(packed(looked_up)) > SMALL
        assert list(pool.map(looked_up, range(5))) == [0, 1, 2, 3, 4]
        first = pool._last[1]
        assert list(pool.map(looked_up, range(5, 8))) == [5, 6, 7]
        assert pool._last[1] is first


def test_a_worker_with_another_version_is_refused():
    with pytest.raises(InputError, match="a worker has pontecorvo"):
        dask_pool._done(packed(tiny), 1, "0.0.0")


def test_models_from_files_travel_by_value(tmp_path):
    import pickle
    import sys

    from pontecorvo.core.model_file import load_model_file

    path = tmp_path / "mine.py"
    path.write_text(
        "import numpy as np\n"
        "from pontecorvo import GaussianMeasurement, Measured, Model, Prior, Quantity, Uniform\n"
        "class Mine(Model):\n"
        "    name = 'mine'\n"
        "    parameters = (Quantity('a', 'a'),)\n"
        "    observables = (Quantity('x', 'x'),)\n"
        "    prior = Prior([Uniform(0, 1)])\n"
        "    def forward(self, theta):\n"
        "        return 2 * theta\n"
        "model = Mine()\n"
        "measurement = GaussianMeasurement([Measured('x', 1, 0.1)], 'gaussian')\n"
    )
    model = load_model_file(path).problem.model
    content = packed(model.forward)
    module = type(model).__module__
    kept = sys.modules.pop(module)  # a worker has none of that name
    try:
        np.testing.assert_array_equal(pickle.loads(content)(np.ones((2, 1))), 2 * np.ones((2, 1)))
    finally:
        sys.modules[module] = kept
