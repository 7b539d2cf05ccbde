"""What a lift network is told of a point: exact derivatives, files that come back, densities."""

import json
from dataclasses import replace

import numpy as np
import pytest

from lift_toys import banana, two_modes, wheel
from pontecorvo.base.errors import InputError
from pontecorvo.core.target import Target
from pontecorvo.flows.flow_settings import FlowSettings, TrainSettings
from pontecorvo.flows.networks import NetworkSettings
from pontecorvo.problems.flavour.nufit import nufit
from pontecorvo.problems.seesaw.model import Seesaw, SeesawPrior
from pontecorvo.samplers.smc import SMCSettings
from pontecorvo.sbi.lift.examples import conditions_of
from pontecorvo.sbi.lift.lift import Lift, LiftSettings
from pontecorvo.sbi.lift.network import LiftNetwork, LiftTraining, train_lift_network
from pontecorvo.sbi.lift.network_features import LiftFeatures, helpful
from pontecorvo.sbi.lift.network_sampler import sample_lift_network

SMALL = LiftTraining(
    examples=4000,
    features=True,
    flow=FlowSettings(network=NetworkSettings(width=48, blocks=2, embedding=16)),
    train=TrainSettings(steps=200, batch=256, dropout=0.0, warmup=20, ema=0.95, validate_every=200),
    smc=SMCSettings(runs=2, particles=500, max_sweeps=100, max_memory=0.3),
)
KNOWN = {"banana": lambda: banana(3), "wheel": wheel}


def features_of(target):
    lift = Lift(target, LiftSettings(reach=0.2))
    return lift, LiftFeatures(target.model, lift.transforms, lift.k * lift.sigma, lift.free)


@pytest.mark.parametrize(
    "target",
    [banana(3)[0], two_modes()[0], wheel()[0], Target(Seesaw("no"), nufit("no"))],
    ids=["banana", "two-modes", "wheel", "seesaw"],
)
def test_slopes_are_those_of_differences(target):
    lift, features = features_of(target)
    rng = np.random.default_rng(1)
    u = rng.uniform(0.1, 0.9, (20, features.dim))
    t = lift.centre + lift.k * lift.sigma * rng.normal(size=(20, len(lift.names)))
    condition = conditions_of(t, lift.transforms)
    value, slopes = features.values_and_slopes(u, condition)
    assert value.shape == (20, features.size)
    np.testing.assert_allclose(value, features.values(u, condition), atol=1e-6)
    h = 1e-5
    for column in range(features.dim):
        step = h * np.eye(features.dim)[column]
        found = features.values(u + step, condition) - features.values(u - step, condition)
        gap = np.abs(found / (2 * h) - slopes[:, column]) / (1 + np.abs(slopes[:, column]))
        assert np.quantile(gap, 0.9) < 1e-3  # the rest: folds, where differences are coarse


def test_they_are_bounded_and_point_the_way():
    target = banana(3)[0]
    lift, features = features_of(target)
    u = np.random.default_rng(0).random((500, 3))
    value = features.values(u, np.repeat(lift.centre[None], 500, axis=0))
    assert np.abs(value[:, 2:]).max() <= 2.0
    moved = lift.coordinates.from_cube(u).y + 0.05 * value[:, 2:]
    cube = lift.coordinates.to_cube(lift.coordinates.from_cube(u).at(moved))
    nearer = features.values(cube, np.repeat(lift.centre[None], 500, axis=0))
    far = np.abs(value[:, 0]) > 2
    assert np.mean(np.abs(nearer[far, 0]) < np.abs(value[far, 0])) > 0.95


def test_where_they_pay():
    for target, pays in (
        (Target(Seesaw("no"), nufit("no")), True),
        (banana(3)[0], False),  # differences
        (Target(Seesaw("no", SeesawPrior(yukawa="log-uniform")), nufit("no")), False),  # in pieces
    ):
        lift = Lift(target, LiftSettings(reach=0.2))
        assert helpful(target.model, lift.derivatives) is pays


@pytest.mark.parametrize("name", KNOWN)
def test_evidence_and_files_of_a_network_that_reads_them(name, tmp_path):
    target, log_z = KNOWN[name]()
    network = train_lift_network(target, 1, settings=SMALL)
    draws = sample_lift_network(target, 1000, 2, network=network)
    assert abs(draws.log_evidence - log_z) < 4 * draws.log_evidence_error + 0.03
    assert draws.log_evidence_error < 0.3
    card = network.save(tmp_path / "net")
    again = LiftNetwork.load(card, target.model)
    second = sample_lift_network(target, 1000, 2, network=again)
    np.testing.assert_allclose(draws.theta, second.theta, rtol=1e-6)
    other = two_modes()[0]
    with pytest.raises(InputError, match="trained for"):
        LiftNetwork.load(card, other.model)
    content = json.loads(card.read_text())
    content["calibration"]["lift"]["features"] = {"kind": "?"}
    card.write_text(json.dumps(content))
    with pytest.raises(InputError, match="does not describe a lift network"):
        LiftNetwork.load(card, target.model)


def test_a_network_without_them_is_as_before():
    network = train_lift_network(banana(3)[0], 1, settings=replace(SMALL, features=None))
    assert "features" not in network.about
    assert "given" not in network.flow.settings.describe()["network"]
