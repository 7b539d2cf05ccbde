"""The adapter of sbi's SNPE-C, on a toy whose posterior is known (run where sbi is installed)."""

import importlib.util

import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.sbi.snpe_c import SnpeC, SnpeSettings

HAVE_SBI = importlib.util.find_spec("sbi") is not None
SIGMA = 0.1


def noisy_copy(u, rng):
    return u + SIGMA * rng.standard_normal(u.shape)


def half_width(draws):
    """Half the distance of the 16 and 84 % quantiles: a small flow has outliers."""
    low, high = np.quantile(draws, [0.16, 0.84], axis=0)
    return (high - low) / 2


@pytest.mark.skipif(HAVE_SBI, reason="sbi is installed")
def test_without_sbi_one_sentence_says_how_to_get_it():
    with pytest.raises(InputError, match=r"pip install 'pontecorvo\[sbi\]'"):
        SnpeC(1)


@pytest.mark.crosscheck
@pytest.mark.filterwarnings("ignore")
def test_a_noisy_copy_amortised_and_in_rounds():
    pytest.importorskip("sbi")
    settings = SnpeSettings(density="zuko_nsf", hidden=32, transforms=2, epochs=30, batch=256)
    rng = np.random.default_rng(1)
    once = SnpeC(2, settings, 3)
    u = rng.random((4000, 2))
    once.fit(u, noisy_copy(u, rng))
    row = np.array([0.5, 0.4])
    draws, log_density = once.sample(row[None], 4000)
    assert draws.shape == (1, 4000, 2)
    assert np.median(draws[0], axis=0) == pytest.approx(row, abs=0.03)
    assert half_width(draws[0]) == pytest.approx([SIGMA, SIGMA], rel=0.2)
    share = once.share_inside(row[None])
    own = once.log_density(draws[0], row) - np.log(share)
    assert np.allclose(own, log_density[0], atol=0.05)
    rounds = SnpeC(2, settings, 3)
    rounds.rounds(noisy_copy, row, 2000, 2)
    again = rounds.sample(row[None], 4000)[0][0]
    assert np.median(again, axis=0) == pytest.approx(row, abs=0.04)
    assert half_width(again) == pytest.approx([SIGMA, SIGMA], rel=0.3)
