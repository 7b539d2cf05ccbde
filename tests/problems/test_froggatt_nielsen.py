"""Froggatt-Nielsen charges: powers of epsilon, rephasing, and a planted assignment found."""

import numpy as np
import pytest

from pontecorvo.core.contract import check_contract
from pontecorvo.core.target import Target
from pontecorvo.problems.froggatt_nielsen import (
    FroggattNielsen,
    FroggattNielsenProblem,
    FroggattNielsenSettings,
    assignments,
    family,
)
from pontecorvo.study.evidence import Candidate, build


def _model(**changes):
    return FroggattNielsen(FroggattNielsenSettings(**changes))


@pytest.mark.parametrize("scale", ["free", "ratio"])
def test_contract_and_powers(scale):
    problem = FroggattNielsenProblem(
        FroggattNielsenSettings(doublets=(2, 1, 0), singlets=(5, 4, 2), scale=scale)
    )
    check_contract(problem.target)
    model = problem.target.model
    theta = np.zeros((1, len(model.parameters)))
    theta[0, 24] = 0.2
    if scale == "free":
        theta[0, 25] = 14.0
    m_e, m_nu = model.mass_matrices(theta)
    assert np.allclose(m_e[0], 0.2 ** np.array([[7, 6, 5], [6, 5, 4], [4, 3, 2]]))
    powers = 0.2 ** np.array([[4.0, 3, 2], [3, 2, 1], [2, 1, 0]])
    unit = 174.1**2 * 1e9 / 1e14 if scale == "free" else 1.0
    assert np.allclose(m_nu[0], unit * powers)
    assert np.allclose(m_nu[0], m_nu[0].T)


def test_six_phases_are_absorbed():
    # phases of rows and columns of M_e with the same ones of M_nu change no observable
    model = _model()
    theta = model.prior.sample(20, np.random.default_rng(0))
    m_e, m_nu = model.mass_matrices(theta)
    rng = np.random.default_rng(1)
    right, left = np.exp(2j * np.pi * rng.random((2, 20, 3)))
    turned = right[:, :, None] * m_e * left[:, None, :]
    turned_nu = left[:, :, None] * m_nu * left[:, None, :]

    class Turned(FroggattNielsen):
        def mass_matrices(self, theta):
            return turned, turned_nu

    assert np.allclose(Turned(model.settings).forward(theta), model.forward(theta), rtol=1e-6)


def test_assignments():
    found = assignments(100)
    assert len(set(found)) == 100
    assert any(l == (0, 0, 0) for l, _ in found)  # anarchy is among them
    assert all(l[2] == 0 and l[0] >= l[1] for l, _ in found)
    members = family(5)
    label, (study, changes) = next(iter(members.items()))
    problem = build(Candidate(label, study, changes))
    assert problem.settings.doublets == found[0][0]
    assert problem.settings.singlets == found[0][1]


@pytest.mark.slow
def test_planted_assignment_is_found():
    """Data made by strongly hierarchical charges are told from anarchy and from others."""
    from pontecorvo.core.measurement import GaussianMeasurement, Measured
    from pontecorvo.problems.flavour.two_sectors import SectorSettings, sample_two_sectors

    candidates = [((0, 0, 0), (8, 5, 3)), ((3, 0, 0), (4, 5, 3)), ((3, 2, 0), (5, 3, 3))]
    right = 0
    rng = np.random.default_rng(5)
    for number, (l, e) in enumerate(candidates):
        truth = _model(doublets=l, singlets=e, scale="ratio", epsilon_min=0.19, epsilon_max=0.21)
        values = truth.forward(truth.prior.sample(1, rng))[0]
        quantities = [
            Measured(q.name, v, 0.05 * v, 0.05 * v, 0.8 * v, 1.2 * v)
            for q, v in zip(truth.observables, values.tolist(), strict=True)
        ]
        log_z = []
        for doublets, singlets in candidates:
            model = _model(
                doublets=doublets, singlets=singlets, scale="ratio",
                epsilon_min=0.19, epsilon_max=0.21,
            )  # fmt: skip
            target = Target(model, GaussianMeasurement(quantities))
            effort = SectorSettings(replicates=4, particles=500, copies=4)
            log_z.append(sample_two_sectors(target, 100, 1, settings=effort).log_evidence)
        right += int(np.argmax(log_z) == number)
    assert right == 3


def test_other_priors():
    problem = FroggattNielsenProblem(FroggattNielsenSettings(scale="ratio"))
    theta = problem.target.model.prior.sample(5, np.random.default_rng(0))
    priors = problem.prior_alternatives()
    assert np.allclose(np.exp(priors["epsilon log-uniform"](theta, {})) * theta[:, 24], 1)
    nearer = theta.copy()
    nearer[:, :15] *= 0.5  # every coefficient nearer to one
    normal = priors["ln c normal"]
    assert np.all(normal(nearer, {}) > normal(theta, {}))
    assert problem.default_method() == "sectors"
    assert "sectors" in problem.samplers()
