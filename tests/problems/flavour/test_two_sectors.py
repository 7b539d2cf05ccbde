"""Pairs of both sectors: evidence and moments of plain Monte Carlo, where that can be had."""

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.core.measurement import GaussianMeasurement, Measured
from pontecorvo.core.target import Target
from pontecorvo.problems.flavour.lepton_data import lepton_measurement
from pontecorvo.problems.flavour.two_sectors import SectorSettings, sample_two_sectors
from pontecorvo.problems.froggatt_nielsen import FroggattNielsen, FroggattNielsenSettings
from pontecorvo.problems.modular_s4 import ModularS4

WIDE = {
    "me_over_mmu": (0.05, 0.05),
    "mmu_over_mtau": (0.2, 0.1),
    "sin2_theta12": (0.3, 0.2),
    "sin2_theta13": (0.1, 0.1),
    "sin2_theta23": (0.5, 0.2),
    "dm2_ratio": (0.1, 0.1),
    "y_tau": (0.06, 0.04),
}
"""Errors so wide that draws of the prior meet them."""


def _target(ordering="no", correlation=None, **changes):
    model = FroggattNielsen(FroggattNielsenSettings(ordering=ordering, scale="ratio", **changes))
    wide = WIDE | ({"dm2_ratio": (0.7, 0.3)} if ordering == "io" else {})
    measured = [
        Measured(q.name, *(wide[q.name][i] for i in (0, 1, 1)), -9.0, 9.0)
        for q in model.observables
    ]
    return Target(model, GaussianMeasurement(measured, correlation=correlation))


def _plain(target, n, seed):
    """ln Z with its error, and means of predictions, by draws of the prior."""
    theta = target.model.prior.sample(n, np.random.default_rng(seed))
    weight = np.exp(target.log_likelihood(theta))
    log_z, error = np.log(weight.mean()), weight.std() / np.sqrt(n) / weight.mean()
    mean = weight @ np.column_stack([theta[:, 24], theta[:, 9], theta[:, 0]]) / weight.sum()
    return log_z, error, mean


@pytest.mark.parametrize(("ordering", "doublets"), [("no", (1, 0, 0)), ("io", (0, 0, 0))])
def test_evidence_and_means_are_those_of_plain_monte_carlo(ordering, doublets):
    target = _target(ordering, doublets=doublets, singlets=(3, 2, 2))
    log_z, error, mean = _plain(target, 200_000, 1)
    assert error < 0.1
    found = sample_two_sectors(target, 4000, 2, settings=SectorSettings(6, 600, 20, 2))
    assert found.converged
    assert found.method == "sectors"
    assert abs(found.log_evidence - log_z) < 3.5 * np.hypot(error, found.log_evidence_error)
    columns = found.theta[:, [24, 9, 0]]
    spread = columns.std(axis=0) / np.sqrt(0.3 * found.ess)
    assert np.all(np.abs(columns.mean(axis=0) - mean) < 4 * spread)
    # equally weighted draws of the posterior: inside the prior, with their own likelihood
    assert np.isfinite(found.log_prior).all()
    assert np.allclose(found.log_likelihood, target.log_likelihood(found.theta))


@pytest.mark.slow
def test_evidences_of_many_charges_and_seeds_scatter_as_their_errors_say():
    pulls = []
    charges = [
        ((0, 0, 0), (4, 3, 2)),
        ((1, 1, 0), (4, 2, 2)),
        ((2, 1, 0), (3, 2, 1)),
        ((3, 1, 0), (3, 2, 2)),
    ]
    for number, (l, e) in enumerate(charges):
        target = _target(doublets=l, singlets=e)
        log_z, error, _ = _plain(target, 1_000_000, number)
        for seed in range(6):
            found = sample_two_sectors(target, 100, seed, settings=SectorSettings(8, 400, 20, 4))
            pulls.append((found.log_evidence - log_z) / np.hypot(error, found.log_evidence_error))
    pulls = np.array(pulls)
    assert abs(pulls.mean()) < 0.8
    assert 0.5 < np.sqrt(np.mean(pulls**2)) < 1.8  # errors of eight replicates each


def test_a_model_without_sectors_is_refused():
    with pytest.raises(InputError, match="does not say which parameters"):
        sample_two_sectors(Target(ModularS4(), lepton_measurement("no", ("dm2_21",))), 10)


def test_correlated_errors_are_refused():
    correlation = np.eye(7)
    correlation[0, 1] = correlation[1, 0] = 0.3
    with pytest.raises(InputError, match="independent"):
        sample_two_sectors(_target(correlation=correlation), 10)
