"""Every experiment with wave packets: plane waves in the limit, and direct integration."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from pontecorvo.base.errors import InputError
from pontecorvo.physics.oscillation import PHASE, TabulatedSin2
from pontecorvo.physics.wave_packets import energy_width, interference
from pontecorvo.problems.sterile.discovery import declared
from pontecorvo.problems.sterile.experiment_registry import Setting, load_experiment
from pontecorvo.problems.sterile.experiments.danss import Danss
from pontecorvo.problems.sterile.joint import JointLikelihood
from pontecorvo.problems.sterile.reactor_tables import shipped_sin2
from pontecorvo.problems.sterile.spectrum import Spectrum
from pontecorvo.problems.sterile.wave_packet_option import packet_width

QUICK = ("best", "karmen", "danss")
POINTS = np.array([0.3, 0.1, 0.05, 0.2]), np.array([0.3, 1.7, 8.0, 0.06])


def with_width(name, width):
    return load_experiment(name, Setting(options=(("wave_packet", width),)))


def test_every_experiment_that_oscillates_has_it():
    without = {name for name, one in declared().items() if "wave_packet" not in one.options}
    assert without == {"solar"}


@pytest.mark.parametrize("name", QUICK)
def test_infinitely_wide_packets_are_plane_waves(name):
    wide, plain = with_width(name, "1e7"), load_experiment(name, Setting())
    assert_allclose(wide.predict(*POINTS), plain.predict(*POINTS), rtol=1e-9)
    assert_allclose(wide.chi2(*POINTS), plain.chi2(*POINTS), rtol=1e-7)


@pytest.mark.parametrize("name", ["best", "karmen"])
def test_narrow_packets_change_what_is_expected(name):
    narrow, plain = with_width(name, "1e-4"), load_experiment(name, Setting())
    change = np.abs(narrow.predict(*POINTS) / plain.predict(*POINTS) - 1).max()
    assert change > 1e-4
    # no packet makes data more certain: without mixing nothing changes
    none = np.zeros(1), np.ones(1)
    assert_allclose(narrow.predict(*none), plain.predict(*none), rtol=1e-12)


def test_danss_against_integration_over_wave_numbers():
    """The compiled table, blurred by a plain sum over 4001 wave numbers for each energy."""
    width, axis = 2.1e-4, np.log10([0.05, 0.4, 1.3, 5.0])
    sampling = Danss.sampling
    sin2 = shipped_sin2("danss", "down")
    fast = Spectrum(sampling.with_packets(width), sin2, "sm", Danss.fractions).templates(axis)
    rate = Spectrum(sampling, sin2, "sm", Danss.fractions).rate
    energy = np.maximum(sampling.energy, 1e-9)
    x = np.linspace(-7, 7, 4001)
    weight = np.exp(-0.5 * x**2) / np.exp(-0.5 * x**2).sum()
    blur = energy_width(width) / energy
    seen = rate > 0
    for row, log10_dm2 in enumerate(axis):
        q = PHASE * 10**log10_dm2 / energy[seen]
        mean = sin2(np.abs(q[:, None] * (1 + blur[seen, None] * x))) @ weight
        lost = (mean * rate[seen]) @ sampling.response[seen]
        assert_allclose(-fast[row, 2], lost, atol=2e-4 * lost.max())
    assert isinstance(sin2, TabulatedSin2)


def test_carbon_blurs_add_in_quadrature():
    packets, width = with_width("karmen", "1e-5"), energy_width(1e-5)
    other = load_experiment(
        "karmen", Setting(options=(("carbon.damping", repr(float(np.hypot(4.0, width)))),))
    )
    assert_allclose(packets.predict(*POINTS), other.predict(*POINTS), rtol=1e-12)
    assert interference(1.0, 1.0, 1e-5) < 1


def test_of_one_experiment_alone():
    setting = Setting(options=(("danss.wave_packet", "2.1e-4"),))
    assert packet_width(setting, "danss") == 2.1e-4
    assert packet_width(setting, "best") is None
    with pytest.raises(InputError, match="wave_packet=0: give a width in nm above zero"):
        packet_width(Setting(options=(("wave_packet", "0"),)), "danss")
    with pytest.raises(InputError, match="give a width in nm, zero or more, or none"):
        Setting(options=(("wave_packet", "wide"),))


@pytest.mark.slow
def test_all_that_ships_with_packets():
    """Damped likelihoods are finite, differ, and join; what is lost of the joint preference."""
    width = Setting(options=(("wave_packet", "2.1e-4"),))
    damped, plain = (JointLikelihood.load("shipped", s) for s in (width, Setting()))
    assert damped.size == plain.size
    chi2 = damped.chi2(*POINTS)
    assert np.isfinite(chi2).all()
    assert np.abs(chi2 - plain.chi2(*POINTS)).max() > 0.5
    none = np.zeros(1), np.ones(1)
    # three known neutrinos at kilometres are damped as well, a little
    assert damped.chi2(*none)[0] == pytest.approx(plain.chi2(*none)[0], abs=3)
