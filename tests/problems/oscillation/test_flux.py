"""Daya Bay's spectrum as a curve keeps its averages and its covariance."""

import numpy as np

from pontecorvo.problems.oscillation.flux import dayabay_yield, huber_mueller_yield
from pontecorvo.problems.oscillation.juno_tables import covariance, table


def averages(function):
    measured = table("juno/flux.csv")
    inside = (np.arange(200) + 0.5) / 200
    points = measured["low"][:, None] + (measured["high"] - measured["low"])[:, None] * inside
    return function(points.ravel()).reshape(points.shape).mean(axis=1)


def test_bin_averages_are_the_measured_ones():
    measured = table("juno/flux.csv")
    np.testing.assert_allclose(
        averages(lambda e: dayabay_yield(e).value), measured["value"], rtol=1e-3
    )


def test_modes_make_up_the_covariance():
    found = dayabay_yield(np.array([3.0]))
    assert len(found.modes) == 25
    changes = np.stack(
        [
            averages(lambda e, k=k: dayabay_yield(e).value * dayabay_yield(e).modes[k])
            for k in range(25)
        ]
    )
    released = covariance("juno/flux_covariance.csv", 25)
    scale = np.sqrt(np.outer(np.diagonal(released), np.diagonal(released)))
    np.testing.assert_allclose(changes.T @ changes / scale, released / scale, atol=5e-3)


def test_total_yield_is_daya_bays():
    """5.83e-43 cm^2 a fission at the average fuel, 1.3 % uncertain, as the evolution data say."""
    measured = table("juno/flux.csv")
    width = measured["high"] - measured["low"]
    total = (measured["value"] * width).sum()
    error = np.sqrt(width @ covariance("juno/flux_covariance.csv", 25) @ width)
    assert abs(total - 5.835) < 0.01  # DYB_flux.txt at F239 = 0.304
    assert 0.010 < error / total < 0.015


def test_huber_mueller_is_five_per_cent_above():
    energy = np.linspace(1.81, 9.5, 2000)
    ratio = dayabay_yield(energy).value.sum() / (10 * huber_mueller_yield(energy)).sum()
    assert 0.92 < ratio < 0.98
