"""Rows of a likelihood over workers: the same draws by emcee and nautilus, or one process."""

import numpy as np
import pytest

from dask_here import cluster_here
from pontecorvo.base.workers import use_workers
from pontecorvo.samplers.emcee_adapter import sample_emcee
from pontecorvo.samplers.nautilus_adapter import sample_nautilus
from pontecorvo.samplers.spread_rows import spread_rows
from toys import linear_target


@pytest.fixture(scope="module")
def pool():
    with cluster_here(3) as (made, _):
        yield made


def test_without_workers_it_is_the_function_itself():
    assert spread_rows(np.sin, np.zeros((8, 2))) is np.sin


def test_rows_are_shared_out_and_come_back_in_order(pool):
    def first(points):
        return points[:, 0] ** 2

    with use_workers(pool):
        spread = spread_rows(first, np.ones((8, 2)))
        assert spread is not first
        for n in (1, 2, 3, 10):
            points = np.random.default_rng(n).random((n, 2))
            np.testing.assert_array_equal(spread(points), first(points))


def test_a_function_whose_rows_depend_on_each_other_stays_here(pool, capsys):
    def centred(points):
        return points[:, 0] - points[:, 0].mean()

    with use_workers(pool):
        probe = np.random.default_rng(0).random((8, 2))
        assert spread_rows(centred, probe) is centred
    assert "stays in one process" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sampler", "options"),
    [
        (sample_emcee, {"walkers": 64, "steps": 1000}),
        (sample_nautilus, {"live": 200, "networks": 0, "batch": 200}),
    ],
)
def test_samplers_that_choose_their_points_give_the_same_bytes(pool, sampler, options):
    target = linear_target()
    alone = sampler(target, 200, 1, None, **options)
    with use_workers(pool):
        shared = sampler(target, 200, 1, None, **options)
    np.testing.assert_array_equal(alone.theta, shared.theta)
    assert alone.log_evidence == shared.log_evidence or np.isnan(alone.log_evidence)
