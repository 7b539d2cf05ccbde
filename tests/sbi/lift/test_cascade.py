"""Stages from broad to sharp: the evidence survives many of them, and what they shorten first."""

import numpy as np
import pytest

from lift_toys import banana, two_modes
from pontecorvo.samplers.smc import SMCSettings
from pontecorvo.sbi.lift import cascade
from pontecorvo.sbi.lift.cascade import Population, advance, efficiency, shortened
from pontecorvo.sbi.lift.lift import Lift, LiftSettings
from pontecorvo.sbi.lift.sampler import sample_lift

SMALL = SMCSettings(runs=4, particles=400, max_sweeps=200, max_memory=0.2)


def test_evidence_survives_many_stages_and_a_killed_run_resumes(monkeypatch, tmp_path):
    monkeypatch.setattr(cascade, "_KEPT", 0.95)
    target, log_z = banana(4)
    draws = sample_lift(target, 1600, 1, tmp_path, LiftSettings(reach=0.6, widest=2.0), SMALL)
    stages = draws.notes["stages"]
    assert len(stages) > 2
    assert all(value == 1.0 for value in stages[-1]["k"].values())
    assert abs(draws.log_evidence - log_z) < 4 * draws.log_evidence_error + 0.02
    assert draws.log_evidence_error < 0.15
    (tmp_path / f"stage-{len(stages) - 2}.npz").unlink()
    again = sample_lift(target, 1600, 1, tmp_path, LiftSettings(reach=0.6, widest=2.0), SMALL)
    np.testing.assert_array_equal(again.theta, draws.theta)


def test_long_moves_are_shortened_first():
    target, _ = banana(3)
    lift = Lift(target, LiftSettings(k={"x1": 4.0, "x2": 40.0}))
    moves = lift.k * lift.sigma / lift.free
    half = shortened(lift, lift.k, 0.5)
    far = int(moves.argmax())
    assert half[far] == pytest.approx(0.5 * lift.k[far])
    assert (half <= lift.k).all()
    assert (half >= 1).all()
    np.testing.assert_array_equal(shortened(lift, lift.k, 0.0), 1.0)


def test_reweighting_is_the_ratio_of_the_likelihoods():
    target, _, _ = two_modes()
    lift = Lift(target, LiftSettings(k=6.0))
    theta = target.model.prior.sample(50, np.random.default_rng(0))
    here = Population(theta, np.zeros(50, int), np.zeros(1), lift.k, np.arange(50))
    stage = advance(lift, here, np.ones(1), False)
    x = target.model.forward(theta)
    expected = target.measurement.log_likelihood(x) - lift.broad().log_likelihood(x)
    np.testing.assert_allclose(stage.log_weight, expected)
    assert stage.arrived.all()
    assert not stage.carried


def test_efficiency_of_weights():
    assert efficiency(np.zeros(7)) == pytest.approx(1)
    assert efficiency(np.array([0.0, -np.inf, -np.inf, -np.inf])) == pytest.approx(0.25)
    assert efficiency(np.full(3, -np.inf)) == 0
