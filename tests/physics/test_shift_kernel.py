"""A shifted energy scale: nothing at zero, and events are neither made nor lost."""

import numpy as np
import pytest

from pontecorvo.physics.shift_kernel import shift_counts

LOW, HIGH, BINS = 1.0, 9.0, 80


def shifted(counts, shift):
    out = np.empty((len(shift), BINS))
    shift_counts(np.asarray(shift, float), np.tile(counts, (len(shift), 1)), LOW, HIGH, out)
    return out


@pytest.fixture
def peak():
    centre = LOW + (np.arange(BINS) + 0.5) * (HIGH - LOW) / BINS
    return centre, 100 * np.exp(-0.5 * ((centre - 4.5) / 0.8) ** 2)


def test_no_shift_is_no_change(peak):
    assert np.array_equal(shifted(peak[1], [0.0])[0], peak[1])


def test_events_are_kept_and_energies_scaled(peak):
    centre, counts = peak
    shift = np.array([-0.03, -0.01, 0.01, 0.03])
    out = shifted(counts, shift)
    # to the linear interpolation between bins, (width / spread)^2 / 12 = 1.3e-3 at most
    assert out.sum(axis=1) == pytest.approx(counts.sum(), rel=1.3e-3)
    mean = out @ centre / out.sum(axis=1)
    start = counts @ centre / counts.sum()
    # content of a bin at E comes from (1 + shift) E
    assert mean == pytest.approx(start / (1 + shift), rel=1.3e-3)
    spread = np.sqrt(out @ centre**2 / out.sum(axis=1) - mean**2)
    assert spread == pytest.approx(0.8 / (1 + shift), rel=5e-3)
