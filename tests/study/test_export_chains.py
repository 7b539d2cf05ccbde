"""Exports, read back; with getdist, ArviZ and anesthetic themselves where they are installed."""

import csv
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from pontecorvo.base.errors import InputError
from pontecorvo.base.weights import kish_ess
from pontecorvo.study.export_chains import (
    chain_name,
    varying,
    write_arviz,
    write_csv,
    write_getdist,
)
from pontecorvo.study.finished_run import open_run
from weighted_run import answer, finished


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return open_run(finished(tmp_path_factory.mktemp("run") / "out"))


@pytest.fixture
def mean(run):
    return run.weights @ run.observables(["x"])[:, 0]


def test_a_chain_holds_weights_and_varying_columns(run, tmp_path, mean):
    paths = write_getdist(run, tmp_path / "chain")
    assert [path.name for path in paths] == ["chain.txt", "chain.paramnames", "chain.ranges"]
    table = np.loadtxt(paths[0])
    names = [line.split("\t")[0] for line in paths[1].read_text().splitlines()]
    assert names == ["pair_one", "phi", "x*", "angle*"]
    assert table.shape == (4000, 2 + len(names))
    assert table[:, 0].max() == 1.0
    assert table[:, 0] @ table[:, 4] / table[:, 0].sum() == pytest.approx(mean)
    stats = run.groups["sample_stats"]
    posterior = stats["log_prior"].values + stats["log_likelihood"].values
    np.testing.assert_array_equal(table[:, 1], -posterior.ravel())
    assert "phi 0.0 6.28" in paths[2].read_text()


def test_draws_of_weight_zero_are_left_out(run, tmp_path):
    log_weight = run.log_weight.copy()
    log_weight[:100] = -np.inf
    changed = {**run.groups, "sample_stats": run.groups["sample_stats"].copy()}
    dims = changed["sample_stats"]["log_weight"].dims
    changed["sample_stats"]["log_weight"] = (dims, log_weight[None])
    paths = write_getdist(replace(run, groups=changed), tmp_path / "chain")
    assert len(np.loadtxt(paths[0])) == 3900


def test_arviz_reads_equally_likely_draws_and_the_weighted_ones_beside(run, tmp_path, mean):
    (path,) = write_arviz(run, tmp_path / "run.nc", seed=3)
    deviation = answer()[1]
    with xr.open_dataset(path, group="predictions") as group:
        x = group["x"].values
    assert x.size == pytest.approx(kish_ess(run.log_weight), abs=4)
    assert x.mean() == pytest.approx(mean, abs=5 * deviation / np.sqrt(x.size))
    with xr.open_dataset(path, group="posterior") as group:
        assert set(group.data_vars) == {"pair_one", "phi"}  # pair[zero] is constant
        assert "resampled to equal weights" in group.attrs["weights"]
        assert group["pair_one"].dims == ("chain", "draw")
    with xr.open_dataset(path, group="weighted_sample_stats") as group:
        np.testing.assert_array_equal(group["log_weight"].values.ravel(), run.log_weight)
    with xr.open_dataset(path, group="weighted_posterior") as group:
        assert group["pair"].shape == (1, 4000, 2)
    with xr.open_dataset(path, group="sample_stats") as group:
        assert "log_weight" not in group
    again = write_arviz(run, tmp_path / "again.nc", seed=3)[0]
    with xr.open_dataset(again, group="predictions") as group:
        np.testing.assert_array_equal(group["x"].values, x)


def test_csv_has_every_number_to_the_last_bit(run, tmp_path):
    (path,) = write_csv(run, tmp_path / "draws.csv")
    lines = [line for line in path.read_text().splitlines() if line[0] != "#"]
    rows = list(csv.reader(lines))
    assert rows[0] == ["weight", "log_likelihood", *(column.name for column in run.columns)]
    table = np.array(rows[1:], dtype=float)
    np.testing.assert_array_equal(table[:, 0], run.weights)
    for index, column in enumerate(run.columns, 2):
        np.testing.assert_array_equal(table[:, index], column.values)
    assert "x [eV]" in path.read_text().splitlines()[1]


def test_nothing_is_replaced_unasked(run, tmp_path):
    write_csv(run, tmp_path / "d.csv")
    with pytest.raises(InputError, match="is there already"):
        write_csv(run, tmp_path / "d.csv")
    write_csv(run, tmp_path / "d.csv", overwrite=True)
    (tmp_path / "f.txt").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        write_getdist(run, tmp_path / "f", overwrite=True)


def test_names_are_what_getdist_takes(run):
    assert chain_name("Y_re[e,1]") == "Y_re_e_1"
    assert [column.name for column in varying(run)] == ["x", "angle", "pair[one]", "phi"]


@pytest.mark.crosscheck
def test_getdist_reads_the_weights(run, tmp_path, mean):
    getdist = pytest.importorskip("getdist")
    write_getdist(run, tmp_path / "chain")
    samples = getdist.loadMCSamples(str(tmp_path / "chain"), no_cache=True)
    assert samples.mean("x") == pytest.approx(mean, rel=1e-12)
    weights = samples.weights
    assert weights.sum() ** 2 / (weights**2).sum() == pytest.approx(kish_ess(run.log_weight))
    assert samples.getParamNames().parWithName("x").isDerived
    assert samples.getParamNames().parWithName("phi").label == r"\phi"


@pytest.mark.crosscheck
def test_anesthetic_reads_the_weights(run, tmp_path, mean):
    anesthetic = pytest.importorskip("anesthetic")
    write_getdist(run, tmp_path / "chain")
    samples = anesthetic.read_chains(str(tmp_path / "chain"))
    assert float(samples["x"].mean()) == pytest.approx(mean, rel=1e-12)
    assert len(samples) == 4000


@pytest.mark.crosscheck
@pytest.mark.filterwarnings("ignore")
def test_arviz_summarises_without_being_misled(run, tmp_path, mean):
    arviz = pytest.importorskip("arviz")
    (path,) = write_arviz(run, tmp_path / "run.nc")
    data = arviz.from_netcdf(str(path))
    summary = arviz.summary(data, var_names=["pair_one"], round_to="none")
    size = kish_ess(run.log_weight)
    deviation = answer()[1]
    assert float(summary["mean"].iloc[0]) == pytest.approx(mean, abs=5 * deviation / np.sqrt(size))
    assert float(summary["ess_bulk"].iloc[0]) < 1.2 * size
    np.testing.assert_array_equal(
        np.ravel(data["weighted_sample_stats"]["log_weight"].values), run.log_weight
    )
