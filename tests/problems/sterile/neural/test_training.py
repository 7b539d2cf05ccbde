"""Training from nothing: whole, resumable to the same bytes, and used by a run."""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from pontecorvo.base.errors import InputError
from pontecorvo.frequentist.quantile_belt import BeltSettings
from pontecorvo.problems.sterile.experiment_registry import load_experiments
from pontecorvo.problems.sterile.fits import Settings, sets_of
from pontecorvo.problems.sterile.neural import neural_fits as fits
from pontecorvo.problems.sterile.neural.belt_training import BeltsSize
from pontecorvo.problems.sterile.neural.bundle import load_bundle
from pontecorvo.problems.sterile.neural.learned_belts import learned_regions, load_belts
from pontecorvo.problems.sterile.neural.ratio import RatioSettings
from pontecorvo.problems.sterile.neural.ratio_maps import RatioMaps
from pontecorvo.problems.sterile.neural.training import (
    TrainingSize,
    train_sterile,
    train_sterile_belts,
)
from pontecorvo.problems.sterile.report.learned_section import LearnedContours, contours_part
from pontecorvo.study.catalog import load_study
from sketches import sketched

TINY = TrainingSize(
    belts=None,
    simulations=2048,
    held_out=512,
    embedding=768,
    components=(8, 4),
    steps=60,
    batch=128,
)
NAMES = "gallium"


class Killed(Exception):
    pass


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    out = tmp_path_factory.mktemp("networks")
    train_sterile(out, NAMES, kinds=("fmpe", "npse"), size=TINY, show=False)
    return out


def test_a_killed_training_ends_in_the_same_bytes(networks, tmp_path):
    def kill(line):
        if line.startswith("train fmpe"):
            raise Killed

    with pytest.raises(Killed):
        train_sterile(tmp_path, NAMES, kinds=("fmpe", "npse"), size=TINY, show=False, say=kill)
    assert not (tmp_path / "fmpe.json").exists()
    train_sterile(tmp_path, NAMES, kinds=("fmpe", "npse"), size=TINY, show=False)
    for path in sorted(networks.iterdir()):
        if path.name != "seconds.json":
            assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name
    assert not (tmp_path / ".stages").exists()


def test_the_networks_are_part_of_a_run(networks, tmp_path, monkeypatch):
    monkeypatch.setattr(fits, "DRAWS", 200)
    monkeypatch.setattr(fits, "JOINT_DRAWS", 400)
    settings = {
        "study": "sterile",
        "experiments": ["gallex", "sage", "best"],
        "draws": 200,
        "sampler": {"proposals": 65536},
        "frequentist": {"belts": "none", "tail_trials": 1000},
        "neural": str(networks),
    }
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(settings))
    with sketched():
        load_study(str(tmp_path / "study.yaml")).run(tmp_path / "out")
    said = json.loads((tmp_path / "out" / "neural.json").read_text())
    assert {fit["set"] for fit in said["fits"]} == {"joint", "gallex", "sage", "best"}
    ratios = {kind for kind in ("nre", "dnre") if (networks / f"{kind}.json").is_file()}
    assert {fit["estimator"] for fit in said["fits"]} == {"fmpe", "npse"} | ratios
    for fit in said["fits"]:
        gap = abs(fit["log_bayes_factor"] - fit["exact_log_bayes_factor"])
        assert gap < 6 * fit["log_bayes_factor_error"] + 0.05
    page = (tmp_path / "out" / "report.html").read_text()
    assert "Neural posteriors" in page
    assert (tmp_path / "out" / "figures" / "neural-fits.csv").exists()


def test_bad_input(tmp_path):
    with pytest.raises(InputError, match="did you mean 'npse'"):
        train_sterile(tmp_path, NAMES, kinds=("nspe",), size=TINY)
    with pytest.raises(InputError, match="holds no networks"):
        load_study("sterile", neural=str(tmp_path))


@pytest.fixture
def grid_checks(monkeypatch):
    """The benchmarks' own comparison with exact posteriors."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[4] / "benchmarks"))
    import plane_grid_checks

    yield plane_grid_checks
    sys.modules.pop("plane_grid_checks")


def test_networks_are_judged_against_the_exact_posterior(networks, tmp_path, grid_checks):
    """A network of sixty steps is not true: the weights mend it."""
    bundle = load_bundle(networks, load_experiments(NAMES))
    posterior = bundle.posteriors["fmpe"]
    experiments = bundle.embedding.maps.joint.experiments
    reference = grid_checks.exact_reference(experiments, 3, 1, tmp_path, draws=300)
    again = grid_checks.exact_reference(experiments, 3, 1, tmp_path, draws=300)
    assert (again.points == reference.points).all()
    assert np.exp(reference.log_weights).mean() == pytest.approx(1, abs=0.05)
    found = grid_checks.compare(posterior, reference, draws=300)
    assert found.summary()["data_sets"] == 3
    assert np.abs(found.log_bayes_factor - found.exact).max() < 0.5


def test_the_screened_exact_posterior_is_the_whole_one(grid_checks):
    experiments = load_experiments("gallium,solar")
    maps = RatioMaps(experiments)
    data = maps.joint.data
    screened = grid_checks.exact_posterior(maps, data, depth=8.0)
    whole = grid_checks.exact_posterior(maps, data, depth=1e9)
    assert screened.log_bayes_factor == pytest.approx(whole.log_bayes_factor, abs=1e-3)


def test_ratios_and_belts_are_made_again_to_the_same_bytes(networks, tmp_path):
    """Killed between the ratio networks and the belts, and taken up again."""
    size = BeltsSize(
        ratio_bank=256, ratio_held_out=256, ratio=RatioSettings(width=16, features=4, steps=20),
        belt=BeltSettings(width=16, steps=50), simulations=(512, 256), conformed=(256, 256),
        checked=(256, 256),
    )  # fmt: skip
    folders = [tmp_path / "whole", tmp_path / "killed"]
    for folder in folders:
        shutil.copytree(networks, folder)
    train_sterile_belts(folders[0], size=size, show=False)

    def kill(line):
        if line.startswith("train dnre"):
            raise Killed

    with pytest.raises(Killed):
        train_sterile_belts(folders[1], size=size, show=False, say=kill)
    assert not (folders[1] / "belts.json").exists()
    train_sterile_belts(folders[1], size=size, show=False)
    names = sorted(path.name for path in folders[0].iterdir())
    assert {"nre.json", "dnre.json", "belts.json", "belt-maps.npz", "belt-fmpe.npz"} <= set(names)
    assert ".stages" not in names
    for name in names:
        if name != "seconds.json":
            assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name
    for path in networks.iterdir():  # flows and embedding stay as they are
        if path.name != "seconds.json":
            assert path.read_bytes() == (folders[0] / path.name).read_bytes()
    seconds = json.loads((folders[0] / "seconds.json").read_text())
    assert {"simulations", "train fmpe", "simulate ratios", "train nre", "belts"} <= set(seconds)
    bundle = load_bundle(folders[0], load_experiments(NAMES))
    points = np.array([[-1.0, 0.0], [-0.5, 0.5]])
    data = bundle.embedding.maps.joint.data
    regions = learned_regions(bundle, data, points)
    assert list(regions) == ["maps", "nre", "dnre", "fmpe", "npse"]
    for region in regions.values():
        assert region.critical.shape == (2, 3)
        assert np.all(np.diff(region.critical, axis=1) >= 0)
        assert np.array_equal(region.inside(0.9), region.margin(0.9) <= 0)
    every = sets_of(load_experiments(NAMES), Settings(shape=(8, 8)))
    learned = LearnedContours.of(bundle, every["joint"], None)
    figure, table = contours_part(learned, tmp_path)
    assert len([axes for axes in figure.figure.axes if axes.get_visible()]) == 6
    assert table.count("<tr>") == 7
    assert LearnedContours.of(bundle, every["best"], None) is None
    shutil.copy(networks / "npse.json", folders[0] / "fmpe.json")
    with pytest.raises(InputError, match="for other networks"):
        load_belts(folders[0])
    (folders[0] / "belt-maps.npz").write_bytes(b"no")
    with pytest.raises(InputError, match="damaged"):
        load_belts(folders[0])
    fewer = load_bundle(folders[1], load_experiments("best"))
    assert learned_regions(fewer, fewer.embedding.maps.joint.data, points) == {}
