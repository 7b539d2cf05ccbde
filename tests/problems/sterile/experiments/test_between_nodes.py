"""The table of every experiment is right between its nodes: 0.05 in chi2 within 25 of the lowest.

The same experiment is made with an axis four times finer in a few windows of dm2, and both are
asked at random places. `shared/cases/far-near-nodes` has what the compiled recipe gave.
"""

import sys
from dataclasses import replace

import numpy as np
import pytest

import pontecorvo.problems.sterile.templates as templates
from pontecorvo.physics.oscillation import Baselines, ThreeFlavour
from pontecorvo.problems.sterile.discovery import default_names
from pontecorvo.problems.sterile.experiment_registry import Setting, load_experiment
from pontecorvo.problems.sterile.experiments.far_near import DOUBLE_CHOOZ, RENO
from pontecorvo.problems.sterile.experiments.rates import isotope_survival, resolved
from pontecorvo.problems.sterile.reactor_tables import (
    cell_length,
    detector_baselines,
    detector_sin2,
)
from pontecorvo.problems.sterile.spectrum import Sampling, Spectrum
from shared_data import SHARED, needs_shared

S22 = np.array([0.01, 0.03, 0.1, 0.3, 0.6, 0.9, 1.0])
WINDOWS = (-1.0, -0.341660, -0.211413, 0.4, 0.76, 1.27, 1.94)
"""Starts in log10 dm2; the second and third are those of the case."""
FEW = (-0.341660, 0.76, 1.94)
WIDTH, PLACES = 0.004, 12
TABULATED = [name for name in default_names() if name != "solar"]


def finer(name, setting, low, monkeypatch, factor=4):
    """The experiment with a finer axis about one window, nothing of it kept."""
    real, kept = templates.dm2_axis, templates.tabulate

    def axis(low_=-2.0, high_=2.0, step=templates.STEP):
        step = step / factor
        first = max(-2.0, low - 6 * step)
        last = min(2.0, low + WIDTH + 6 * step)
        return first + step * np.arange(round((last - first) / step) + 1)

    with monkeypatch.context() as patch:
        for module_name, module in list(sys.modules.items()):
            if not module_name.startswith("pontecorvo.problems.sterile") or module is templates:
                continue
            if getattr(module, "dm2_axis", None) is real:
                patch.setattr(module, "dm2_axis", axis)
            if getattr(module, "tabulate", None) is kept:
                patch.setattr(module, "tabulate", lambda name, key, compute: compute())
        return load_experiment(name, setting)


def largest_error(name, setting, monkeypatch, windows=WINDOWS):
    experiment = load_experiment(name, setting)
    rng = np.random.default_rng(11)
    scan = np.meshgrid(S22, np.linspace(-2, 2, 401), indexing="ij")
    lowest = experiment.chi2(scan[0].ravel(), 10 ** scan[1].ravel()).min()
    errors = []
    for low in windows:
        fine = finer(name, setting, low, monkeypatch)
        places = rng.uniform(low, low + WIDTH, PLACES)
        s22, dm2 = (axis.ravel() for axis in np.meshgrid(S22, 10**places, indexing="ij"))
        exact = fine.chi2(s22, dm2)
        near = exact < lowest + 25
        if near.any():
            errors.append(np.abs(experiment.chi2(s22, dm2) - exact)[near].max())
    assert errors
    return max(errors)


@pytest.mark.parametrize("name", TABULATED)
def test_tables_are_right_between_their_nodes(name, monkeypatch):
    assert largest_error(name, Setting(), monkeypatch, FEW) < 0.05


@pytest.mark.slow
@pytest.mark.parametrize("name", TABULATED)
def test_tables_are_right_between_their_nodes_everywhere(name, monkeypatch):
    windows = (*WINDOWS, *np.linspace(-1.9, 1.9, 20))
    assert largest_error(name, Setting(), monkeypatch, windows) < 0.05


@pytest.mark.slow
@needs_shared
def test_prospect_is_right_between_its_nodes(monkeypatch):
    assert largest_error("prospect", Setting(data=SHARED), monkeypatch, WINDOWS[-1:]) < 0.05


def test_the_compiled_recipe_is_rough(monkeypatch):
    """What the test must be able to find: the compiled energies of fuel evolution alias."""
    setting = Setting(options=(("averaging", "compiled"),))
    assert largest_error("evolution-reno", setting, monkeypatch) > 0.05


@pytest.mark.parametrize("recipe", [RENO, DOUBLE_CHOOZ], ids=lambda recipe: recipe.name)
def test_resolved_spectra_are_those_of_far_finer_energies(recipe):
    """The damping of `spectrum.cell_averaged` takes nothing that the detectors could see."""
    axis = np.log10([0.03, 0.11, 0.5, 1.7])
    for detector in (recipe.near, recipe.far):
        exact = Spectrum(
            recipe.sampling.finer("exact"),
            detector_sin2(detector.baselines, "exact"),
            "sm",
            detector.fractions,
            1.0,
            ThreeFlavour(),
            cell_length(detector.baselines, "exact"),
        ).templates(axis)
        brute = Spectrum(
            replace(recipe.sampling, points=30 * recipe.sampling.points),
            detector_baselines(detector.baselines).sin2,
            "sm",
            detector.fractions,
            1.0,
            ThreeFlavour(),
        ).templates(axis)
        # relative to what is there without oscillation; first bins: the spectrum ends within them
        np.testing.assert_allclose(exact[:, 2] / exact[:, 0], brute[:, 2] / brute[:, 0], atol=2e-3)


def test_resolved_rates_are_those_of_far_finer_energies():
    """One bin over all energies, no resolution: the slab of 4 m and the spectrum average."""
    baselines = Baselines((998.0, 1115.0), (0.5, 0.5), 2.0)
    sampling = Sampling(201, 1.8, 8.0, 1, 1.8, 8.0, (0.0, 0.0, 0.0005))
    axis = np.log10([0.02, 0.11, 0.5])
    sin2, finer = resolved(baselines.sin2, sampling, 1115.0, "exact")
    ours = isotope_survival("hm", finer, sin2, axis, ThreeFlavour())
    brute = isotope_survival(
        "hm", replace(sampling, points=8000), baselines.sin2, axis, ThreeFlavour()
    )
    np.testing.assert_allclose(ours, brute, atol=3e-4)
