"""Lift networks: exact weights whatever was learned, ranges that are kept, files that come back."""

import numpy as np
import pytest

from lift_toys import banana, measured, two_modes, wheel
from pontecorvo.base.errors import InputError
from pontecorvo.core.measurement import GaussianMeasurement
from pontecorvo.core.target import Target
from pontecorvo.flows.flow_settings import FlowSettings, TrainSettings
from pontecorvo.flows.networks import NetworkSettings
from pontecorvo.samplers.smc import SMCSettings
from pontecorvo.sbi.lift.examples import LiftExamples, SoftBox, box_draws
from pontecorvo.sbi.lift.lift import Lift, LiftSettings
from pontecorvo.sbi.lift.network import LiftNetwork, LiftTraining, train_lift_network
from pontecorvo.sbi.lift.network_sampler import LiftNetworkOptions, sample_lift_network

SMALL = LiftTraining(
    examples=4000,
    flow=FlowSettings(network=NetworkSettings(width=48, blocks=2, embedding=16)),
    train=TrainSettings(steps=250, batch=256, dropout=0.0, warmup=20, ema=0.95, validate_every=250),
    smc=SMCSettings(runs=2, particles=500, max_sweeps=100, max_memory=0.3),
)
KNOWN = {"banana": lambda: banana(3), "two-modes": lambda: two_modes()[:2], "wheel": wheel}


@pytest.fixture(scope="module")
def networks():
    return {name: train_lift_network(make()[0], 1, settings=SMALL) for name, make in KNOWN.items()}


@pytest.mark.parametrize("name", KNOWN)
def test_evidence_is_the_known_one(networks, name):
    target, log_z = KNOWN[name]()
    options = LiftNetworkOptions(defensive=0.1)
    draws = sample_lift_network(target, 1500, 2, network=networks[name], options=options)
    assert abs(draws.log_evidence - log_z) < 4 * draws.log_evidence_error + 0.03
    assert draws.log_evidence_error < 0.3
    gap = draws.log_prior + draws.log_likelihood - draws.log_q - draws.log_weight
    assert np.ptp(gap) < 1e-9


def test_one_network_serves_other_values_and_errors(networks):
    """Also errors wider than its cloud, which are not contracted."""
    model = banana(3)[0].model
    for values, sigma in (((0.82, 0.49), (0.01, 0.005)), ((0.79, 0.51), (0.6, 0.5))):
        pairs = zip(("x1", "x2"), values, sigma, strict=True)
        target = Target(model, GaussianMeasurement([measured(*p) for p in pairs]))
        draws = sample_lift_network(target, 1500, 3, network=networks["banana"])
        a = np.linspace(-8, 8, 200_001)
        log_z = np.log(
            np.trapezoid(
                np.exp(
                    -0.5 * a**2
                    - 0.5 * ((a - values[0]) / sigma[0]) ** 2
                    - 0.5 * (values[1] - 0.5 * a**2) ** 2 / (1 + sigma[1] ** 2)
                )
                / ((2 * np.pi) ** 1.5 * sigma[0] * np.hypot(1, sigma[1])),
                a,
            )
        )
        assert abs(draws.log_evidence - log_z) < 4 * draws.log_evidence_error + 0.03


def test_it_says_what_it_is_not_for(networks):
    model = banana(3)[0].model
    far = GaussianMeasurement([measured("x1", 2.0, 0.02), measured("x2", 0.5, 0.01)])
    with pytest.raises(InputError, match=r"x1 = 2 leaves the range"):
        sample_lift_network(Target(model, far), 10, network=networks["banana"])
    with pytest.raises(InputError, match="another model or prior"):
        sample_lift_network(banana(4)[0], 10, network=networks["banana"])
    with pytest.raises(InputError, match="trained for x, not for x1, x2"):
        sample_lift_network(banana(3)[0], 10, network=networks["two-modes"])


def test_a_network_comes_back_from_its_files(networks, tmp_path):
    target = two_modes()[0]
    networks["two-modes"].save(tmp_path / "net")
    again = LiftNetwork.load(tmp_path / "net.json", target.model)
    first = sample_lift_network(target, 300, 5, tmp_path, network=networks["two-modes"])
    second = sample_lift_network(target, 300, 5, network=again)
    np.testing.assert_allclose(first.theta, second.theta, rtol=1e-6)
    assert list(tmp_path.glob("lift-network-*.npz"))


def test_examples_fill_the_box_and_keep_the_prior():
    """Inside the box the draws are the prior's, with both modes at their prior odds."""
    target = two_modes()[0]
    lift = Lift(target, LiftSettings())
    box = SoftBox(lift.transforms, lift.centre - 0.2, lift.centre + 0.2, np.array([0.05]))
    smc = SMCSettings(runs=2, particles=1000, max_sweeps=60, max_memory=0.3)
    theta, _ = box_draws(target.model, box, 4000, 3, smc=smc)
    inside = theta[box.within_three_sigma(target.model.forward(theta))]
    prior = target.model.prior.sample(400_000, np.random.default_rng(0))
    wanted = prior[box.within_three_sigma(target.model.forward(prior))]
    assert len(inside) > 2000
    assert np.mean(inside[:, 0] > 0) == pytest.approx(np.mean(wanted[:, 0] > 0), abs=0.08)
    assert inside[:, 1].std() == pytest.approx(1.0, abs=0.1)
    u, c = LiftExamples(target.model, theta, lift.transforms, np.array([0.1])).batch(3, 500)
    assert u.shape == (500, 2)
    assert c.shape == (500, 1)
    assert (u > 0).all()
    assert (u < 1).all()


@pytest.mark.parametrize("name", KNOWN)
def test_annealed_steps_before_the_lift_leave_the_evidence(networks, name, tmp_path):
    target, log_z = KNOWN[name]()
    options = LiftNetworkOptions(anneal=24, eps=0.1)
    draws = sample_lift_network(target, 1500, 2, tmp_path, network=networks[name], options=options)
    assert abs(draws.log_evidence - log_z) < 4 * draws.log_evidence_error + 0.03
    assert draws.notes["annealed"]["levels"] > 1
    again = sample_lift_network(target, 1500, 2, tmp_path, network=networks[name], options=options)
    np.testing.assert_array_equal(draws.log_weight, again.log_weight)
