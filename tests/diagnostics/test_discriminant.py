import numpy as np
import pytest

from pontecorvo.diagnostics.discriminant import contrast, rich_features
from pontecorvo.diagnostics.two_sample import c2st


def two_shifted(n: int, shift: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """One column: n points of N(0, 1), then n of N(shift, 1), and their signed weights."""
    rng = np.random.default_rng(seed)
    points = np.concatenate([rng.normal(size=(n, 1)), rng.normal(shift, 1, size=(n, 1))])
    return points, np.repeat([-1 / n, 1 / n], n)


def test_contrast_is_that_of_the_densities() -> None:
    points, signed = two_shifted(20_000, 1.0, 1)
    shares = np.full(len(points), 1 / len(points))
    features = rich_features(points, shares, np.random.default_rng(0))
    learned = (features @ contrast(features, shares, signed[:, None], penalty=1e-4))[:, 0]
    ratio = np.exp(points[:, 0] - 0.5)  # N(1, 1) over N(0, 1)
    exact = (ratio - 1) / (0.5 * (ratio + 1))
    bulk = np.abs(points[:, 0] - 0.5) < 2
    assert np.abs(learned - exact)[bulk].max() < 0.15


def test_many_labellings_are_the_same_as_one_by_one() -> None:
    points, signed = two_shifted(200, 0.5, 2)
    shares = np.full(len(points), 1 / len(points))
    features = rich_features(points, shares, np.random.default_rng(0))
    several = np.stack([signed, np.random.default_rng(3).permutation(signed)], axis=1)
    together = contrast(features, shares, several)
    for column in range(2):
        alone = contrast(features, shares, several[:, column : column + 1])[:, 0]
        np.testing.assert_allclose(together[:, column], alone, atol=1e-10)


def test_features_are_standardised_and_a_constant_is_none() -> None:
    rng = np.random.default_rng(4)
    columns = np.column_stack([rng.normal(size=500), np.zeros(500)])
    shares = rng.random(500)
    shares /= shares.sum()
    features = rich_features(columns, shares, rng, waves=10)
    assert features.shape == (500, 2 + 3 + 10)
    np.testing.assert_allclose(shares @ features, 0, atol=1e-12)
    spread = shares @ features**2
    assert np.all(np.isclose(spread, 1) | (spread == 0))
    assert spread[1] == 0


def test_many_columns_keep_their_squares_only() -> None:
    columns = np.random.default_rng(5).normal(size=(50, 60))
    shares = np.full(50, 1 / 50)
    assert rich_features(columns, shares, np.random.default_rng(0), waves=7).shape[1] == 127


@pytest.mark.parametrize("kind", ["correlation", "width"])
def test_products_see_what_single_columns_cannot(kind: str) -> None:
    x, y = np.random.default_rng(6).normal(size=(2, 1500, 3))
    if kind == "correlation":
        y[:, 1] = 0.6 * y[:, 0] + 0.8 * y[:, 1]
    else:
        y[:, 0] *= 1.4
    assert c2st(x, y, classifier="products").p_value < 1e-3
    assert c2st(x, np.random.default_rng(7).normal(size=(1500, 3)), classifier="products").passed
