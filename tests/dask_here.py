"""A Dask cluster inside the test's own process: nothing is started, nothing listens."""

import warnings
from contextlib import contextmanager

import pytest


@contextmanager
def cluster_here(workers):
    """A `DaskPool` of worker threads and its cluster; skips where Dask is not installed."""
    pytest.importorskip("distributed", reason="the extra pontecorvo[dask] is not installed")
    from distributed import Client, LocalCluster

    from pontecorvo.base.clusters import _quiet
    from pontecorvo.base.dask_pool import DaskPool

    # a slow machine makes Dask complain of itself
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _quiet()
        with _cluster(LocalCluster, workers) as cluster:
            pool = DaskPool(Client(cluster, set_as_default=False), "the test's cluster")
            try:
                yield pool, cluster
            finally:
                pool.close()


def _cluster(kind, workers):
    return kind(
        n_workers=workers,
        threads_per_worker=1,
        processes=False,
        dashboard_address="127.0.0.1:0",
        scheduler_kwargs={"dashboard": False},
        silence_logs=False,
    )
