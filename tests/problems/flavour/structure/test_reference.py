"""What the measurement does to the prior: exactly where the likelihood is known, learned if not."""

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.problems.flavour.structure.planted import PLANTED
from pontecorvo.problems.flavour.structure.reference import reference

BY_NAME = {p.name: p for p in PLANTED}


def _measured(n=1500):
    kind = BY_NAME["a measurement, nothing else"]
    rng = np.random.default_rng(0)
    return kind.posterior(n, rng), kind.prior(6000, rng), kind.measured


def test_learned_weights_bring_the_prior_to_the_posterior():
    posterior, prior, measured = _measured()
    knows, effective = reference(posterior, prior, measured)
    assert effective > 500
    for name in measured:
        after, wanted, before = (d.w @ d.predictions[name] for d in (knows, posterior, prior))
        spread = np.std(prior.predictions[name])
        assert abs(after - wanted) < 0.06 * spread
        assert abs(after - wanted) < abs(before - wanted) + 0.05 * spread


def test_known_likelihood_is_used_as_it_is():
    from dataclasses import replace

    posterior, prior, _ = _measured()
    log = -0.5 * ((prior.predictions["sin2_theta23"] - 0.5) / 0.1) ** 2
    knows, _ = reference(posterior, replace(prior, log_likelihood=log), ())
    np.testing.assert_allclose(knows.w, np.exp(log) / np.exp(log).sum())
    far = replace(prior, log_likelihood=np.where(np.arange(6000) < 3, 0.0, -np.inf))
    none, left = reference(posterior, far, ())
    assert none is None
    assert left == pytest.approx(3.0)


def test_nothing_measured_is_the_prior_and_names_are_checked():
    posterior, prior, _ = _measured()
    assert reference(posterior, prior, ())[0] is prior
    with pytest.raises(InputError, match="did you mean 'sin2_theta23'"):
        reference(posterior, prior, ["sin2_theta2"])
