"""Feature maps by name: found once, and their two forms agree."""

import numpy as np
import pytest
import torch

from pontecorvo.base.errors import InputError
from pontecorvo.flows.feature_maps import feature_map


@pytest.mark.parametrize("name", ["seesaw-no", "seesaw-io"])
def test_values_slopes_and_the_differentiable_form_agree(name):
    known = feature_map(name)
    assert feature_map(name) is known
    rng = np.random.default_rng(5)
    u = rng.uniform(0.2, 0.8, (6, known.dim))
    given = rng.uniform(0.2, 0.8, (6, known.conditions))
    value, slope = known.values_and_slopes(u, given)
    assert value.shape == (6, known.size)
    assert slope.shape == (6, known.dim, known.size)
    np.testing.assert_allclose(value, known.values(u, given), rtol=1e-9, atol=1e-9)
    by_torch = known.differentiable(torch.from_numpy(u), torch.from_numpy(given))
    np.testing.assert_allclose(by_torch.numpy(), value, rtol=1e-6, atol=1e-6)


def test_a_misspelt_name_is_told():
    with pytest.raises(InputError, match=r"'seesaw-nu' are unknown.*seesaw-no"):
        feature_map("seesaw-nu")
