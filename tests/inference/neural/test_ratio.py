import numpy as np
import pytest

from pontecorvo.base.errors import InputError
from pontecorvo.inference.neural.embedding import cell_weights
from pontecorvo.inference.neural.quantile_belt import BeltSettings, QuantileBelt, coverage
from pontecorvo.inference.neural.ratio import RatioEstimator, RatioSettings, posterior_on
from pontecorvo.inference.neural.simulated import from_cube, simulate

QUICK = RatioSettings(width=64, features=32, frequencies=8, steps=300, batch=256, pairs=4)


@pytest.fixture(scope="module", params=["nre", "dnre"])
def trained(request, small_embedding, small_bank):
    estimator = RatioEstimator(small_embedding, request.param, QUICK)
    losses = estimator.fit(small_bank)
    assert losses[-1] < losses[0]
    return estimator


def test_the_learned_ratio_is_near_the_exact_one(trained, small_maps):
    rng = np.random.default_rng(6)
    _, data = simulate(small_maps, 60, rng)
    plane, names = small_maps.plane, small_maps.names
    weights = cell_weights(plane)
    exact = small_maps(data, names).astype(float)
    mass = np.exp(exact - exact.max(axis=1, keepdims=True)) * weights
    mass /= mass.sum(axis=1, keepdims=True)
    found = posterior_on(trained, trained.embedding(data, names).rows, plane, weights)
    distance = 0.5 * np.abs(found - mass).sum(axis=1)
    prior = 0.5 * np.abs(weights - mass).sum(axis=1)
    assert np.median(distance) < 0.5 * np.median(prior)


def test_one_at_a_time_and_all_at_once_agree(trained, small_maps):
    rng = np.random.default_rng(7)
    theta, data = simulate(small_maps, 5, rng)
    rows = trained.embedding(data, small_maps.names).rows
    table = trained.log_ratio(rows, theta)
    assert np.allclose(np.diagonal(table), trained.at(rows, theta), atol=1e-4)
    best, value = trained.best(rows, small_maps.plane)
    assert (value >= trained.log_ratio(rows, small_maps.plane.points).max(axis=1) - 1e-9).all()
    assert np.allclose(trained.at(rows, best), value, atol=1e-4)


def test_saved_and_read_again_is_the_same(trained, tmp_path, small_bank):
    trained.save(tmp_path)
    other = RatioEstimator(trained.embedding, trained.kind, QUICK)
    other.load(tmp_path)
    rows, points = small_bank.rows[:3], from_cube(small_bank.u[:4])
    assert np.array_equal(other.log_ratio(rows, points), trained.log_ratio(rows, points))
    wider = RatioEstimator(trained.embedding, trained.kind, RatioSettings(width=8))
    with pytest.raises(InputError, match="damaged or of another"):
        wider.load(tmp_path)


def test_unknown_kind(small_embedding):
    with pytest.raises(InputError, match="did you mean 'nre'"):
        RatioEstimator(small_embedding, "nree")


def toy(rng, n):
    """A statistic whose quantiles are known: an exponential whose mean follows the amplitude."""
    theta = from_cube(rng.random((n, 2)))
    mean = 1.0 + 0.5 * (theta[:, 0] + 4)
    return theta, mean, mean * rng.standard_exponential(n)


def test_learned_critical_values_are_the_quantiles_and_cover(tmp_path):
    rng = np.random.default_rng(8)
    belt = QuantileBelt((0.68, 0.9), BeltSettings(width=32, steps=1200, batch=1024))
    theta, _, statistic = toy(rng, 40_000)
    belt.fit(theta, statistic)
    points, mean, fresh = toy(rng, 20_000)
    for column, level in enumerate((0.68, 0.9)):
        wanted = -mean * np.log(1 - level)
        assert np.median(np.abs(belt.critical(points)[:, column] / wanted - 1)) < 0.06
    check = coverage(belt, points, fresh, (3, 3))
    assert check.overall == pytest.approx([0.68, 0.9], abs=0.015)
    # a belt from half the statistic covers too little, and the check says so
    assert coverage(belt, points, 2 * fresh, (3, 3)).p_value.max() < 1e-3
    belt.save(tmp_path / "belt.npz")
    other = QuantileBelt((0.68, 0.9), BeltSettings(width=32))
    other.load(tmp_path / "belt.npz")
    assert np.array_equal(other.critical(points), belt.critical(points))


def test_belt_refuses_what_is_no_number():
    with pytest.raises(InputError, match="finite statistic"):
        QuantileBelt().fit(np.zeros((2, 2)) - 1, np.array([1.0, np.nan]))
    with pytest.raises(InputError, match="between 0 and 1"):
        QuantileBelt((0.5, 1.5))
