import numpy as np

from pontecorvo.problems.sterile.neural.map_candidates import candidates
from pontecorvo.problems.sterile.neural.plane_chart import HEIGHT
from pontecorvo.problems.sterile.neural.plane_flows import NeuralPosterior
from pontecorvo.problems.sterile.neural.ratio import RatioEstimator, RatioSettings
from pontecorvo.problems.sterile.neural.simulated import simulate
from pontecorvo.problems.sterile.neural.statistics import of_maps, of_posterior, of_ratio


def read(embedding, count, seed):
    theta, data = simulate(embedding.maps, count, np.random.default_rng(seed))
    return theta, embedding(data, embedding.maps.names)


def test_candidates_reach_the_top_of_every_map(small_embedding):
    _, known = read(small_embedding, 100, 1)
    points, level = candidates(small_embedding, known.maps)
    assert np.all(np.diff(level, axis=1) <= 0)
    assert np.allclose(level, small_embedding.chart.values(known.maps, points))
    assert np.all(level[:, 0] >= known.maps.max(axis=1) - 1e-3)  # nodes are among them
    few, same = candidates(small_embedding, known.maps, 5)
    assert np.array_equal(few, points[:, :5])
    assert np.array_equal(same, level[:, :5])


def test_the_statistic_of_maps_is_twice_the_drop_from_the_top(small_embedding):
    theta, known = read(small_embedding, 200, 2)
    found = of_maps(small_embedding)(known, theta[:, None])[:, 0]
    own = small_embedding.chart.values(known.maps, theta[:, None])[:, 0]
    lowest = 2 * (np.maximum(known.maps.max(axis=1), 0) - own)
    assert np.all(found >= lowest - 1e-2)
    assert 0.5 < np.median(found) < 4  # of the order of a chi2 with two degrees of freedom


def test_untrained_ratio_has_the_statistic_of_the_map(small_embedding):
    theta, known = read(small_embedding, 100, 3)
    estimator = RatioEstimator(small_embedding, "dnre", RatioSettings(width=16, features=8))
    found = of_ratio(estimator)(known, theta[:, None])
    wanted = of_maps(small_embedding)(known, theta[:, None])
    height = np.sinh(known.rows[:, small_embedding.names.index("height")].astype(float))
    lowered = 1 + np.maximum(height, 0)[:, None] / HEIGHT  # as in the chart
    # of_maps counts no oscillation, at zero, as a point; the plane's corner is nearly that
    assert np.allclose(lowered * found, wanted, rtol=1e-3, atol=0.01)


def test_a_flow_is_asked_at_its_highest_candidates(small_embedding):
    theta, known = read(small_embedding, 4, 4)
    posterior = NeuralPosterior.untrained(small_embedding, "fmpe")
    found = of_posterior(posterior)(known, theta[:, None])
    assert found.shape == (4, 1)
    assert np.all(found >= 0)
    tops, _ = candidates(small_embedding, known.maps, 1)
    assert np.all(of_posterior(posterior)(known, tops) <= found + 20)
