"""The likelihood of many data sets at a few points each is that of each data set alone."""

import numpy as np
import pytest

from pontecorvo.problems.sterile.joint import JointLikelihood


@pytest.mark.parametrize("names", ["gallium,solar", "karmen,lsnd", "reno,neos", "rates,danss"])
@pytest.mark.parametrize("kind", ["chi2", "marginal"])
def test_one_row_a_point(names, kind):
    joint = JointLikelihood.load(names)
    rng = np.random.default_rng(3)
    s22, dm2 = 10.0 ** rng.uniform(-3, 0, 6), 10.0 ** rng.uniform(-2, 2, 6)
    data = joint.simulate(s22[:2], dm2[:2], rng)
    function = getattr(joint, kind)
    together = function(s22, dm2, np.repeat(data, 3, axis=0))
    for index in range(2):
        own = slice(3 * index, 3 * index + 3)
        alone = function(s22[own], dm2[own], data[index])
        np.testing.assert_allclose(together[own], alone, rtol=1e-12, atol=1e-10)
    assert abs(together[0] - function(s22[:1], dm2[:1], data[1])[0]) > 1e-3
