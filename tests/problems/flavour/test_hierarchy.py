import numpy as np
import pytest

from pontecorvo.problems.flavour.hierarchy import digit_fractions, hierarchy_digits
from pontecorvo.problems.seesaw.model import SeesawPrior


def test_digits_are_rounded_powers_of_ten():
    rows = np.array([[1.0, -0.5, 0.4], [1.0, 0.1, -0.5], [-2.0, 1.0, 0.005], [0.9, 0.0, 0.3]])
    digits = hierarchy_digits(rows)
    assert digits[:3].tolist() == [0, 1, 3]
    assert digits[3] == np.iinfo(np.int64).max


def test_digits_do_not_depend_on_scale_or_sign():
    rng = np.random.default_rng(1)
    rows = rng.uniform(-1, 1, (500, 18))
    signs = rng.choice([-1, 1], (500, 18))
    assert np.array_equal(hierarchy_digits(rows), hierarchy_digits(37.0 * signs * rows))


def test_flat_prior_gives_the_founding_papers_fraction():
    """94.7 % within two digits (reference sheet), where arXiv:2503.21432 has 94.8 %."""
    theta = SeesawPrior().build().sample(40_000, np.random.default_rng(2))
    within = np.mean(hierarchy_digits(theta[:, :18]) <= 2)
    assert within == pytest.approx(0.947, abs=4 * np.sqrt(0.947 * 0.053 / 40_000))


def test_fractions_respect_weights():
    found = digit_fractions(np.array([1, 1, 2, 3]), np.array([1.0, 1.0, 2.0, 0.0]))
    assert found == {1: 0.5, 2: 0.5, 3: 0.0}
    assert digit_fractions(np.array([1, 1, 2, 3])) == {1: 0.5, 2: 0.25, 3: 0.25}
