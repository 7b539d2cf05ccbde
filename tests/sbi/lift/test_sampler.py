"""Draws by the lift: evidences are the known ones, runs resume, what is lost is said."""

from dataclasses import replace

import numpy as np
import pytest

from lift_toys import banana, more_data, ordered_sum, signed_scales, two_modes, wheel
from pontecorvo.base.errors import InputError
from pontecorvo.core.target import Target
from pontecorvo.samplers.smc import SMCSettings, sample_smc
from pontecorvo.sbi.lift.chart import LiftChart
from pontecorvo.sbi.lift.lift import Lift, LiftSettings
from pontecorvo.sbi.lift.mend import mend
from pontecorvo.sbi.lift.sampler import sample_lift

SMALL = SMCSettings(runs=4, particles=400, max_sweeps=200, max_memory=0.2)
KNOWN = {
    "banana": lambda: banana(5),
    "two-modes": lambda: two_modes()[:2],
    "more-data": more_data,
    "signed-scales": signed_scales,
    "wheel": wheel,
    "ordered": ordered_sum,
}


@pytest.mark.parametrize("name", KNOWN)
def test_evidence_is_the_known_one(name):
    target, log_z = KNOWN[name]()
    draws = sample_lift(target, 1600, 1, smc=SMALL)
    assert abs(draws.log_evidence - log_z) < 4 * draws.log_evidence_error + 0.02
    assert draws.log_evidence_error < 0.15
    assert draws.notes["weighted_efficiency"] > 0.1
    assert draws.notes["fraction_lost"] < 0.01
    density = draws.log_prior + draws.log_likelihood - draws.log_q - draws.log_weight
    assert np.ptp(density) < 1e-6  # weight = prior * likelihood / q, whatever the coordinates


def test_separate_modes_keep_their_weights():
    target, _, right = two_modes()
    draws = sample_lift(target, 4000, 2, smc=replace(SMALL, particles=1000))
    weight = np.exp(draws.log_weight)
    share = weight[draws.theta[:, 0] > 0].sum() / weight.sum()
    assert share == pytest.approx(right, abs=5 * np.sqrt(right * (1 - right) / draws.ess))


def test_a_box_is_weighed_not_annealed():
    target, _ = banana(3)
    box = Target(target.model, target.measurement.with_shape("box"))
    draws = sample_lift(box, 2000, 3, smc=SMALL)
    prior = target.model.prior.sample(4_000_000, np.random.default_rng(0))
    inside = box.within_three_sigma(prior).mean()
    error = np.hypot(draws.log_evidence_error, 1 / np.sqrt(4e6 * inside))
    assert abs(draws.log_evidence - np.log(inside)) < 4 * error
    assert box.within_three_sigma(draws.theta).all()


def test_a_killed_run_resumes(tmp_path):
    target, _ = two_modes()[:2]
    first = sample_lift(target, 1200, 4, tmp_path, smc=SMALL)
    kept = sorted(tmp_path.glob("lifted-*.npz"))
    assert len(kept) >= 2
    kept[-1].unlink()
    again = sample_lift(target, 1200, 4, tmp_path, smc=SMALL)
    np.testing.assert_array_equal(first.theta, again.theta)
    np.testing.assert_array_equal(first.log_weight, again.log_weight)


def test_the_chart_has_the_evidence_of_the_target():
    """Annealing in the lift's chart is annealing of the broad posterior, without weights."""
    target, log_z = more_data()
    chart = LiftChart(Lift(target, LiftSettings(k=8.0, steps=3)))
    settings = SMCSettings(runs=3, particles=200, max_sweeps=20, max_memory=0.4)
    draws = sample_smc(target, 600, 5, settings=settings, chart=chart)
    assert abs(draws.log_evidence - log_z) < 4 * draws.log_evidence_error + 0.1
    few = draws.theta[:100]
    u = chart.from_parameters(few)
    found = np.isfinite(u).all(axis=1)
    assert found.mean() > 0.98
    theta, volume = chart.to_parameters(u[found])
    np.testing.assert_allclose(theta, few[found], rtol=1e-7)
    assert np.isfinite(volume).all()


def test_mended_draws_have_weights_and_the_evidence():
    target, log_z = banana(4)
    rng = np.random.default_rng(6)
    centre = np.array([0.8, 0.2, 0, 0])
    theta = centre + rng.normal(size=(4000, 4)) * [0.5, 0.5, 1.1, 1.1]  # tens of sigma away
    pull = (theta - centre) / [0.5, 0.5, 1.1, 1.1]
    log_q = -0.5 * (pull**2).sum(axis=1) - np.log([0.5, 0.5, 1.1, 1.1]).sum()
    log_q -= 2 * np.log(2 * np.pi)
    draws = mend(theta, target, log_q)
    assert draws.notes["accepted_before"] < 0.05
    assert draws.raw_acceptance > 0.8
    assert abs(draws.log_evidence - log_z) < 4 * draws.log_evidence_error
    assert draws.converged
    plain = mend(theta, target)
    assert not plain.converged
    assert plain.notes["density"] is False
    assert np.isnan(plain.log_evidence)
    np.testing.assert_array_equal(plain.theta, draws.theta)


def test_mending_counts_what_it_cannot_carry():
    target, _ = more_data()
    theta = np.array([[2.0, 1.0], [9.0, 1.0], [np.nan, 1.0], [1.8, 0.8]])
    draws = mend(theta, target)
    assert draws.notes["draws_outside_prior"] == 2
    assert len(draws.theta) == 2
    with pytest.raises(InputError, match="none of the draws"):
        mend(theta[1:3], target)
    with pytest.raises(InputError, match="shape"):
        mend(theta[:, :1], target)
