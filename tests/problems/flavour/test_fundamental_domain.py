"""The fundamental domain: a one-to-one, uniform map."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pontecorvo.base.errors import InputError
from pontecorvo.problems.flavour.fundamental_domain import FundamentalDomain


@given(
    u=st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=20),
    highest=st.floats(1.01, 20),
)
def test_the_map_is_one_to_one_and_stays_inside(u, highest):
    domain, u = FundamentalDomain(highest), np.array(u)
    tau = domain.from_unit_cube(u)
    assert np.isfinite(domain.log_density(tau)).all()
    assert np.abs(domain.to_unit_cube(tau) - u).max() < 1e-9


def test_the_density_is_uniform():
    # the share of a sub-box is its area over that of the domain
    domain = FundamentalDomain(3.5)
    assert domain.area == pytest.approx(2.543389, abs=1e-5)
    tau = domain.from_unit_cube(np.random.default_rng(0).random((200_000, 2)))
    share = np.mean((np.abs(tau[:, 0] - 0.1) < 0.1) & (tau[:, 1] > 1) & (tau[:, 1] < 2))
    assert share == pytest.approx(0.2 / domain.area, abs=4e-3)
    h = 1e-6
    u = np.array([[0.3, 0.4]])
    columns = [(domain.from_unit_cube(u + h * e) - domain.from_unit_cube(u - h * e)) / (2 * h)
               for e in np.eye(2)]  # fmt: skip
    jacobian = np.linalg.det(np.concatenate(columns))
    assert abs(jacobian) == pytest.approx(domain.area, rel=1e-6)


def test_outside_and_bad_ends():
    domain = FundamentalDomain()
    outside = np.array([[0.0, 0.99], [0.6, 2.0], [0.0, 3.6]])
    assert np.all(domain.log_density(outside) == -np.inf)
    with pytest.raises(InputError, match="above 1"):
        FundamentalDomain(0.9)
