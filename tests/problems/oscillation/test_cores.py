"""Cores: their shares, and the few distances that stand for them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pontecorvo.problems.oscillation.cores import Cores, reactor_cores


def test_shares_are_those_of_junos_table():
    """arXiv:2204.13249, table 2: rates at the detector, without oscillation, by power / L^2."""
    cores = reactor_cores()
    assert cores.shares.sum() == pytest.approx(1)
    far = cores.shares[cores.lengths > 1e5]
    assert far == pytest.approx([0.0376], abs=2e-4)  # Daya Bay before oscillation
    taishan = cores.shares[:2].sum() / cores.shares[:8].sum()
    assert taishan == pytest.approx(9.2 / 26.6, abs=0.005)


def test_which_cores_run():
    assert len(reactor_cores().lengths) == 9
    assert reactor_cores(daya_bay=False).lengths.max() < 6e4
    with_huizhou = reactor_cores(huizhou=17.4)
    assert with_huizhou.lengths[-1] == 265_000
    assert with_huizhou.shares[-1] == pytest.approx(with_huizhou.shares[-2] * (215 / 265) ** 2)


@given(
    st.lists(st.floats(52_000, 53_000), min_size=6, max_size=12, unique=True),
    st.integers(0, 1000),
)
def test_nodes_keep_polynomials(lengths, seed):
    if np.diff(np.sort(lengths)).min() < 5:
        return  # nearly equal distances leave fewer than four independent polynomials
    weights = np.random.default_rng(seed).uniform(0.5, 1.5, len(lengths))
    cores = Cores(np.append(lengths, 215_000.0), np.append(weights, 0.4) / (weights.sum() + 0.4))
    few = cores.merged()
    assert len(few.lengths) == 5
    assert few.shares.sum() == pytest.approx(1)
    for power in range(8):
        full = (cores.shares * ((cores.lengths - 52_500) / 500) ** power)[:-1].sum()
        own = (few.shares * ((few.lengths - 52_500) / 500) ** power)[:-1].sum()
        assert own == pytest.approx(full, abs=1e-7)


def test_nodes_keep_the_survival():
    cores, k = reactor_cores(), 1.267 * 2.5e-3 / np.linspace(1.81, 8, 300)
    few = cores.merged()
    full = (cores.shares * np.sin(k[:, None] * cores.lengths) ** 2).sum(axis=1)
    own = (few.shares * np.sin(k[:, None] * few.lengths) ** 2).sum(axis=1)
    np.testing.assert_allclose(own, full, atol=1e-6)
