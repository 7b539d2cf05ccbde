"""Reactor experiments on a few nodes of dm2: wave packets, two further states, no long tables."""

import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from pontecorvo.problems.sterile.experiment_registry import Setting, load_experiment
from pontecorvo.problems.sterile.two_sterile import two_sterile_points

NAMES = ("rates-mbl", "evolution-dayabay", "evolution-reno", "neos", "reno", "double-chooz")
NODES = np.linspace(-2, 2, 9)
FEW = 10.0 ** NODES[[2, 4, 6]]


@pytest.fixture
def few_nodes(monkeypatch):
    """Tables on nine nodes, or on 13 from 1e-4 eV^2, computed and not kept."""

    def axis(low=-2.0, high=2.0, step=0.0):
        return np.linspace(low, high, round((high - low) / 0.5) + 1)

    load_experiment("solar")  # every module is there
    for name, module in list(sys.modules.items()):
        if name.startswith("pontecorvo.problems.sterile"):
            if hasattr(module, "dm2_axis"):
                monkeypatch.setattr(module, "dm2_axis", axis)
            if hasattr(module, "tabulate"):
                monkeypatch.setattr(module, "tabulate", lambda name, key, compute: compute())


@pytest.mark.parametrize("name", NAMES)
def test_packets_and_two_states(few_nodes, name):
    plain = load_experiment(name)
    mixing = np.array([0.02, 0.05, 0.1])
    one = 4 * mixing * (1 - mixing), FEW
    expected = plain.predict(*one)
    for width, least in (("1e9", 0.0), ("2.1e-4", 1e-5)):
        packets = load_experiment(name, Setting(options=(("wave_packet", width),)))
        change = np.abs(packets.predict(*one) / expected - 1).max()
        if least:
            assert change > least
            assert change < 0.3
        else:
            assert change < 1e-9
    none = np.zeros(3)
    assert_array_equal(plain.predict(*two_sterile_points(mixing, none, FEW, FEW)), expected)
    # two states of one mass are one of their summed mixing
    both = two_sterile_points(0.4 * mixing, 0.6 * mixing, FEW, FEW)
    assert_allclose(plain.predict(*both), expected, rtol=1e-10)
    # far apart, the term between them is that of the pure sin^2 on its own table
    a, dm2 = two_sterile_points(mixing, mixing, FEW, np.full(3, 100.0))
    assert np.isfinite(plain.predict(a, dm2)).all()
