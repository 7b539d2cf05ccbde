"""A user's own model, in one file: the example, run through a study and held to an integral."""

import importlib.util
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import yaml

from pontecorvo import InputError, Study, sample_exact

EXAMPLE = Path(__file__).parents[2] / "examples" / "toy_model.py"


@pytest.fixture(scope="module")
def toy():
    spec = importlib.util.spec_from_file_location("toy_model", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    sys.modules["toy_model"] = module  # where `inspect` looks for the source
    spec.loader.exec_module(module)
    yield module
    del sys.modules["toy_model"]


@pytest.fixture(scope="module")
def result(toy, tmp_path_factory):
    return toy.study(draws=2000).run(tmp_path_factory.mktemp("toy") / "out", report=False)


def by_quadrature(toy, width=0.02):
    """Means and standard deviations of the parameters, and log-evidence, on a grid.

    `width` is that of the prior of the energy scale.
    """
    axes = [np.linspace(0.75, 1.0, 81), np.linspace(2.2e-3, 2.8e-3, 81)]
    axes.append(1 + 0.02 * np.linspace(-4, 4, 61))
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    probability = (
        1 - grid[:, :1] * np.sin(1.267 * 735 * grid[:, 1:2] / toy.ENERGIES / grid[:, 2:]) ** 2
    )
    data = toy.made_up_data()
    chi2 = (((probability - data.central) / 0.02) ** 2).sum(axis=1)
    likelihood = np.exp(-0.5 * chi2) / (0.02 * np.sqrt(2 * np.pi)) ** 8
    prior = np.exp(-0.5 * ((grid[:, 2] - 1) / width) ** 2) / (width * np.sqrt(2 * np.pi)) / 3e-3
    weight = likelihood * prior
    cell = np.prod([axis[1] - axis[0] for axis in axes])
    share = weight / weight.sum()
    mean = share @ grid
    return mean, np.sqrt(share @ (grid - mean) ** 2), np.log(weight.sum() * cell)


def test_the_same_draws_under_a_prior_of_the_users_own(toy, result):
    """The energy scale known twice as well: no new draws, and the quadrature's answer."""

    def tighter(theta, predictions):
        assert all(values.shape == (len(theta),) for values in predictions.values())
        return -0.5 * (theta[:, 2] - 1) ** 2 * (1 / 0.01**2 - 1 / 0.02**2)

    under = result.under_prior(tighter)
    assert under.usable
    mean, deviation, _ = by_quadrature(toy, width=0.01)
    weight = np.exp(under.log_weight - under.log_weight.max())
    weight /= weight.sum()
    found = weight @ result.draws.theta
    assert np.all(np.abs(found - mean) < 5 * deviation / np.sqrt(250))
    spread = np.sqrt(weight @ (result.draws.theta - found) ** 2)
    np.testing.assert_allclose(spread, deviation, rtol=0.2)
    before = by_quadrature(toy)[1]
    assert deviation[2] < 0.7 * before[2]  # the prior matters here, so the test can fail


@pytest.mark.parametrize(
    ("wrong", "why"),
    [(lambda theta, _: theta, "shape"), (lambda theta, _: np.nan * theta[:, 0], "NaN")],
)
def test_what_is_no_ratio_of_priors_is_refused(result, wrong, why):
    with pytest.raises(InputError, match=why):
        result.under_prior(wrong)


def test_the_summary_shows_other_priors_of_any_model(toy, tmp_path):
    def tighter(theta, _):
        return -0.5 * (theta[:, 2] - 1) ** 2 * (1 / 0.01**2 - 1 / 0.02**2)

    study = replace(toy.study(draws=2000), other_priors={"tighter": tighter})
    rows = study.run(tmp_path / "out", report=False).summary["prior_dependence"]
    assert [row["prior"] for row in rows] == ["as in this run", "tighter"]
    assert rows[1]["usable"]
    now, tight = (row["scale"]["ci68"] for row in rows)
    assert tight[1] - tight[0] < 0.8 * (now[1] - now[0])


def test_the_posterior_is_that_of_a_quadrature(toy, result):
    mean, deviation, log_evidence = by_quadrature(toy)
    theta = result.draws.theta
    assert result.summary["converged"]
    # four runs of 1000 particles, resampled on their way: 500 independent draws at the least
    assert np.all(np.abs(theta.mean(axis=0) - mean) < 5 * deviation / np.sqrt(500))
    np.testing.assert_allclose(theta.std(axis=0), deviation, rtol=0.15)
    error = max(result.summary["log_evidence_error"], 0.05)
    assert abs(result.summary["log_evidence"] - log_evidence) < 5 * error


def test_the_exact_sampler_agrees_without_a_chart(toy, tmp_path):
    _, _, log_evidence = by_quadrature(toy)
    sampler = partial(sample_exact, proposals=1 << 18)
    study = Study("toy", toy.study().target, sampler, "exact", draws=1000)
    summary = study.run(tmp_path / "out", report=False).summary
    assert abs(summary["log_evidence"] - log_evidence) < 5 * summary["log_evidence_error"]


def test_its_files_are_those_of_any_run(result):
    with xr.open_dataset(result.out / "posterior.nc", group="posterior") as posterior:
        assert list(posterior.data_vars) == ["sin2_2theta", "dm2", "scale"]
        assert posterior["dm2"].attrs["units"] == "eV^2"
        assert dict(posterior.sizes) == {"chain": 4, "draw": 500}
    with xr.open_dataset(result.out / "posterior.nc", group="predictions") as predictions:
        assert next(iter(predictions.data_vars)) == "P_1.0"
    settings = yaml.safe_load((result.out / "settings.yaml").read_text())
    assert settings["target"]["model"]["prior"]["dm2"].startswith("Uniform(low=0.001")
    assert settings["draws"] == 2000
    assert "SMCSettings" in settings["sampler"]["settings"]


def test_other_draws_or_seeds_are_other_runs(toy, result):
    for change in ({"draws": 100}, {"seed": 7}):
        with pytest.raises(InputError, match="other settings"):
            replace(toy.study(draws=2000), **change).run(result.out, report=False)


MODEL = """
from pontecorvo import GaussianMeasurement, Measured, Model, Normal, Prior, Quantity, Target

class Mine(Model):
    name = "mine"
    parameters = (Quantity("a"),)
    observables = (Quantity("x"),)

    def __init__(self):
        self.prior = Prior([Normal(0, 1)])

    def forward(self, theta):
        return FACTOR * theta

target = Target(Mine(), GaussianMeasurement([Measured("x", 1.0, 0.5)]))
"""


@pytest.mark.parametrize("finished", [True, False], ids=["finished", "killed"])
def test_a_model_that_was_changed_is_drawn_again(tmp_path, finished):
    """The settings cannot tell that `forward` is another; its source, and the draws, can."""

    def run(factor):
        path = tmp_path / "mine.py"
        path.write_text(MODEL.replace("FACTOR", factor))
        spec = importlib.util.spec_from_file_location(f"mine_{factor[0]}", path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        calls = []

        def sampler(target, draws, seed, folder):
            calls.append(1)
            drawn = sample_exact(target, draws, seed, folder, proposals=1 << 16, max_steps=100)
            if not finished and factor.startswith("1"):
                raise KeyboardInterrupt
            return drawn

        study = Study("mine", module.target, sampler, "exact", draws=400)
        try:
            return study.run(tmp_path / "out", report=False).draws.theta.mean(), len(calls)
        except KeyboardInterrupt:
            return None, len(calls)
        finally:
            del sys.modules[spec.name]

    run("1.0")
    mean, calls = run("2.0")
    assert calls == 1
    # x = 2 a: a ~ N(0, 1), 2 a = 1.0 +- 0.5, so a = 8/17 +- 1/sqrt(17)
    assert abs(mean - 8 / 17) < 5 / np.sqrt(17 * 400)
    assert run("2.0") == (mean, 0)
