"""Truncated rounds on a shipped problem whose likelihood is no function of observables."""

import numpy as np

from pontecorvo.flows.flow_settings import TrainSettings
from pontecorvo.flows.networks import NetworkSettings
from pontecorvo.problems.sterile.joint import JointLikelihood
from pontecorvo.problems.sterile.model import sterile_target
from pontecorvo.sbi.rounds import RoundSettings
from pontecorvo.sbi.truncated_sampling import TruncatedOptions, truncated_posterior


def test_gallium_by_rounds_and_by_quadrature():
    target = sterile_target(JointLikelihood.load("best,gallex"), tabulated=False)
    options = TruncatedOptions(
        rounds=RoundSettings(rounds=2, simulations=1000, threshold_draws=500, block=1024),
        train=TrainSettings(
            steps=200, batch=256, learning_rate=4e-3, warmup=50, ema=0.98, precision="float32"
        ),
        network=NetworkSettings(width=32, blocks=2, embedding=16),
        nodes=4,
    )
    draws = truncated_posterior(target, 2000, 1, options=options)
    middle = (np.arange(200) + 0.5) / 200
    u = np.stack([axis.ravel() for axis in np.meshgrid(middle, middle, indexing="ij")], axis=1)
    value = target.log_likelihood(target.model.prior.from_unit_cube(u))
    top = value.max()
    expected = float(np.log(np.exp(value - top).mean()) + top)
    assert abs(draws.log_evidence - expected) < 5 * draws.log_evidence_error
    assert draws.log_evidence_error < 0.2
    assert draws.notes["rounds"][-1]["log_prior_volume"] < -0.3
