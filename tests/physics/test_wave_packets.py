"""Wave packets: identities, and averages against direct integration over energy and distance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from pontecorvo.physics.geometry import Cylinder, Sphere, path_lengths
from pontecorvo.physics.oscillation import PHASE, Baselines, TabulatedSin2, slab_sin2
from pontecorvo.physics.wave_packets import (
    PacketSin2,
    coherence_length,
    energy_width,
    interference,
)

SIGMA = 2.1e-4  # nm, the bound of reactor and source data in the literature


@given(
    st.floats(1e-2, 1e2), st.floats(0.5, 2000), st.floats(0.4, 12), st.floats(1e-5, 1e-1)
)  # fmt: skip
def test_blur_of_the_energy_is_the_coherence_length(dm2, length, energy, sigma_x):
    phase = 2 * PHASE * dm2 * length / energy
    far = length / coherence_length(dm2, energy, sigma_x)
    exponent = 0.5 * (phase * energy_width(sigma_x) / energy) ** 2
    assert exponent == pytest.approx(far**2, rel=2e-4)  # 1.267 against 1.26693
    assert interference(phase, energy, sigma_x) == pytest.approx(np.exp(-exponent), abs=1e-15)
    assert interference(phase, energy, None) == 1


def test_published_size():
    # 1 eV^2, 3 MeV and 2.1e-4 nm: sqrt(32) 9 MeV^2 2.1e-4 nm / eV^2 = 10.7 m
    assert coherence_length(1.0, 3.0, SIGMA) == pytest.approx(10.69, abs=0.01)
    assert energy_width(SIGMA) == pytest.approx(0.47, abs=0.001)


def direct(low, high, dm2, energy, sigma_x):
    """Average over the slab with weight 1/L^2, of (1 - cos exp(-(L / L_coh)^2)) / 2."""
    coherence = coherence_length(dm2, energy, sigma_x) * 1.26693 / 1.267

    def term(length):
        phase = 2 * PHASE * dm2 * length / energy
        return 0.5 * (1 - np.cos(phase) * np.exp(-((length / coherence) ** 2))) / length**2

    value = quad(term, low, high, limit=2000, epsabs=1e-12)[0]
    return value / (1 / low - 1 / high)


@pytest.mark.parametrize("sigma_x", [5e-5, SIGMA, 2e-3])
@pytest.mark.parametrize(("low", "high"), [(8.0, 12.0), (13.4, 16.4), (350.0, 353.0)])
def test_slab_average_is_that_of_direct_integration(low, high, sigma_x):
    energy = np.array([2.0, 3.7, 7.5])
    dm2 = np.array([0.01, 0.07, 0.5, 1.3, 4.0, 20.0])
    packets = PacketSin2(lambda q: slab_sin2(q, low, high), energy, sigma_x)
    found = packets(PHASE * dm2[:, None] / energy)
    wanted = [[direct(low, high, m, e, sigma_x) for e in energy] for m in dm2]
    np.testing.assert_allclose(found, wanted, atol=2e-6)


def test_infinitely_wide_packets_are_plane_waves():
    energy, dm2 = np.linspace(1.9, 8, 13), np.logspace(-2, 2, 9)
    q = PHASE * dm2[:, None] / energy
    slab = Baselines((10.0, 14.0), (0.6, 0.4), 1.0)
    np.testing.assert_array_equal(PacketSin2(slab.sin2, energy, 1e6)(q), slab.sin2(q))
    np.testing.assert_array_equal(interference(q, energy, 1e300), interference(q, energy, None))


def test_infinitely_narrow_ones_do_not_oscillate():
    energy = np.array([3.0, 5.0])
    packets = PacketSin2(lambda q: slab_sin2(q, 9.0, 11.0), energy, 1e-8)
    np.testing.assert_array_equal(packets(np.full((4, 2), 0.3)), 0.5)


def test_a_table_serves_as_well():
    nodes = np.linspace(-1.0, 4.0, 50_001)
    slab = Baselines((24.0,), (1.0,), 1.5)
    table = TabulatedSin2(nodes, slab.sin2(10**nodes * 1e-3))
    energy, dm2 = np.array([2.5, 4.5]), np.array([0.02, 0.4, 1.7, 6.0])
    q = PHASE * dm2[:, None] / energy
    plain = PacketSin2(slab.sin2, energy, SIGMA)(q)
    np.testing.assert_allclose(PacketSin2(table, energy, SIGMA, table=True)(q), plain, atol=3e-5)


def test_path_lengths_of_a_source_in_a_sphere():
    lengths = path_lengths(Sphere(0.67), Cylinder.centred(0.1, 0.2))
    k = PHASE * np.array([0.3, 1.3, 5.0, 40.0]) / 0.75
    blur = energy_width(SIGMA) / 0.75
    middle = (lengths.edges[1:] + lengths.edges[:-1]) / 2
    factor = np.exp(-2 * (k[:, None] * middle * blur) ** 2)
    direct_sum = (0.5 - 0.5 * np.cos(2 * k[:, None] * middle) * factor) @ lengths.weights
    np.testing.assert_allclose(lengths.mean_sin2(k, blur), direct_sum, atol=2e-3)
    np.testing.assert_allclose(lengths.mean_sin2(k, 1e-12), lengths.mean_sin2(k), atol=1e-9)
