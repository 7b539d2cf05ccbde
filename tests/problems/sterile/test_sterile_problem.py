"""What the problem object answers: options, settings in force, networks, training, refusals."""

import json
from types import SimpleNamespace

import pytest
import yaml
from safetensors.numpy import load_file

from pontecorvo.base.errors import InputError
from pontecorvo.core.problem import TrainRequest
from pontecorvo.problems.sterile import nuisance_training
from pontecorvo.problems.sterile import train as training
from pontecorvo.problems.sterile.experiment_registry import Setting
from pontecorvo.problems.sterile.model import SterileTarget
from pontecorvo.problems.sterile.neural.nuisance_posterior import NuisancePosterior
from pontecorvo.problems.sterile.nuisance_training import NuisanceSize, train_nuisances
from pontecorvo.problems.sterile.problem import SterileProblem
from pontecorvo.problems.sterile.settings import SHIPPED_NETWORKS, SterileSettings
from pontecorvo.study.catalog import load_problem


def test_target_is_one_of_its_own_kind():
    problem = SterileProblem(SterileSettings(experiments=["best"]))
    assert isinstance(problem.target, SterileTarget)
    assert problem.target.measurement is None
    with pytest.raises(InputError, match="no central values"):
        _ = problem.measurement
    assert problem.default_method() == "exact"
    assert {one.network for one in problem.standing()} >= {"fmpe", "npse"}
    off = SterileProblem(SterileSettings(experiments=["best"], neural="none"))
    assert off.standing() is None


def test_settings_in_force_run_again(tmp_path, monkeypatch):
    monkeypatch.setenv("PONTECORVO_DATA", str(tmp_path))
    first = SterileProblem(SterileSettings(experiments="gallium,solar"))
    plain = first.plain_settings()
    assert plain["data"] == str(tmp_path.resolve())
    assert plain["experiments"] == ["gallex", "sage", "best", "solar"]
    monkeypatch.delenv("PONTECORVO_DATA")
    (tmp_path / "again.yaml").write_text(yaml.safe_dump(plain))
    assert load_problem(str(tmp_path / "again.yaml")).plain_settings() == plain
    without = SterileProblem(SterileSettings(experiments=["solar"])).plain_settings()
    assert without["data"] == "none"
    monkeypatch.setenv("PONTECORVO_DATA", str(tmp_path))
    (tmp_path / "again.yaml").write_text(yaml.safe_dump(without))
    assert load_problem(str(tmp_path / "again.yaml")).plain_settings() == without


def test_paths_are_relative_to_the_study_file(tmp_path, monkeypatch):
    (tmp_path / "released").mkdir()
    study = tmp_path / "study.yaml"
    study.write_text("study: sterile\nexperiments: [solar]\ndata: released\nneural: nets\n")
    monkeypatch.chdir("/")
    with pytest.raises(InputError, match=f"{tmp_path}/nets holds no networks"):
        load_problem(str(study))
    study.write_text("study: sterile\nexperiments: [solar]\ndata: released\n")
    assert load_problem(str(study)).settings.data == tmp_path / "released"


def request(out, **extras):
    return TrainRequest(out, "a command", extras=extras)


def test_training_goes_where_it_was_asked(tmp_path, monkeypatch):
    called = []
    for module, name in (
        ("neural.training", "train_sterile"),
        ("neural.training", "train_sterile_belts"),
        ("nuisance_training", "train_nuisances"),
    ):
        monkeypatch.setattr(
            f"pontecorvo.problems.sterile.{module}.{name}",
            lambda *given, name=name, **more: called.append((name, more["seed"])),
        )
    settings = SterileSettings(experiments=["gallium"])
    assert training.train(settings, request(tmp_path / "a")) == f"networks in {tmp_path / 'a'}"
    training.train(settings, request(tmp_path / "b", belts=True))
    training.train(settings, request(tmp_path / "c", nuisances=True))
    assert called == [("train_sterile", 1), ("train_sterile_belts", 1), ("train_nuisances", 1)]
    with pytest.raises(InputError, match="one of the two"):
        training.train(settings, request(tmp_path / "d", belts=True, nuisances=True))
    with pytest.raises(InputError, match="networks are there already"):
        training.train(settings, request(SHIPPED_NETWORKS))
    with pytest.raises(InputError, match="belts are there already"):
        training.train(settings, request(SHIPPED_NETWORKS, belts=True))


def test_a_network_of_the_pulls_is_trained_and_used(tmp_path, monkeypatch):
    """A killed training ends in the same bytes, and a run takes the folder."""
    size = NuisanceSize(simulations=512, held_out=256, steps=4)
    names, setting = ["gallium", "karmen"], Setting(gallium_cross_section=0.03)
    train_nuisances(tmp_path / "a", names, setting, size, show=False)

    def stop(line):
        if "simulations" in line:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_nuisances(tmp_path / "b", names, setting, size, show=False, say=stop)
    train_nuisances(tmp_path / "b", names, setting, size, show=False)
    weights = [next((tmp_path / n).glob("nuisances.*.safetensors")) for n in ("a", "b")]
    first, second = (load_file(path) for path in weights)
    assert all((first[key] == second[key]).all() for key in first)
    assert not (tmp_path / "b" / ".stages").exists()
    settings = SterileSettings(
        experiments=names, gallium_cross_section=0.03, nuisances=str(tmp_path / "a")
    )
    from pontecorvo.problems.sterile.nuisance_study import load_posterior

    posterior = load_posterior(settings)
    assert isinstance(posterior, NuisancePosterior)
    assert "karmen_normalisation" in posterior.study.names
    card = json.loads((tmp_path / "a" / "nuisances.json").read_text())
    assert "train sterile --nuisances" in json.dumps(card)


def test_energy_scales_become_gaussian_and_the_folder_goes(tmp_path):
    setting = Setting(data=tmp_path, options=(("energy_scale", "box"), ("best.data", "runs")))
    found = nuisance_training.gaussian_scales(setting)
    assert found.data is None
    assert dict(found.options) == {"energy_scale": "gaussian", "best.data": "runs"}


def test_options_of_the_verbs():
    names = {verb: [o.name for o in some] for verb, some in SterileProblem.options.items()}
    assert names == {
        "run": ["experiments", "flux", "data", "estimators", "axes"],
        "train": ["belts", "nuisances"],
        "check": ["experiments"],
    }
    assert SimpleNamespace(**SterileProblem.Settings().model_dump()).neural == "shipped"
