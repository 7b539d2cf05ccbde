"""Priors with blocks: normalised, one to one, and refused where columns overlap."""

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.core.joint_prior import JointPrior
from pontecorvo.core.prior import Uniform
from pontecorvo.problems.flavour.fundamental_domain import FundamentalDomain


def _prior():
    marginals = [Uniform(-1, 3), Uniform(-0.5, 0.5), Uniform(0.75**0.5, 3.5), Uniform(0, 2)]
    return JointPrior(marginals, {(1, 2): FundamentalDomain(3.5)})


def test_blocks_and_marginals():
    prior, u = _prior(), np.random.default_rng(0).random((500, 4))
    theta = prior.from_unit_cube(u)
    assert np.abs(prior.to_unit_cube(theta) - u).max() < 1e-12
    expected = -np.log(4) - np.log(2) - np.log(FundamentalDomain(3.5).area)
    assert np.allclose(prior.log_density(theta), expected)
    theta[0, 2] = 0.9  # inside the box, below the arc
    theta[0, 1] = 0.0
    theta[1, 0] = 4.0
    assert np.all(prior.log_density(theta[:2]) == -np.inf)


def test_overlapping_columns_are_refused():
    marginals = [Uniform(0, 1)] * 3
    with pytest.raises(InputError, match="at most once"):
        JointPrior(marginals, {(0, 1): FundamentalDomain(), (1, 2): FundamentalDomain()})
    with pytest.raises(InputError, match="between 0 and 2"):
        JointPrior(marginals, {(2, 3): FundamentalDomain()})
