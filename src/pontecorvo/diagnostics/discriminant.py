r"""A classifier in closed form: regularised least squares on products and random waves.

For two sets with densities p and q a function s minimises mean[s^2] - 2 (mean_p s - mean_q s) where
it is (p - q) / m, m the density of all points: the contrast that any classifier of the two learns.
Among linear combinations s = F beta of standardised features it is one linear system, and the
matrix in it does not know the labels. So a thousand exchanges of labels cost one factorisation, and
a permutation test costs no more than its features.

The features are the columns, their squares and products (means, widths, correlations), and cosines
along random directions (Rahimi & Recht 2007; whatever else there is).
"""

import numpy as np

PENALTY = 1.0  # on the coefficients of features of variance one; 0.1 and 3 see a little less
_WAVES = 150
_MOST_PRODUCTS = 1000  # beyond these the products are left to the waves; squares stay


def rich_features(
    columns: np.ndarray, shares: np.ndarray, rng: np.random.Generator, waves: int = _WAVES
) -> np.ndarray:
    """Columns (n, C), their squares and products and random waves, standardised: (n, F).

    Args:
        columns: Of mean zero and variance about one.
        shares: Weights (n,) that sum to one and say over which rows features have mean zero and
            variance one.
        rng: Draws the waves' directions and phases.
        waves: Number of waves.
    """
    width = columns.shape[1]
    first, second = np.triu_indices(width)
    if len(first) > _MOST_PRODUCTS:
        first = second = np.arange(width)
    # half a turn or so over the bulk of the points, whatever the number of columns
    directions = rng.standard_normal((width, waves)) / np.sqrt(max(width, 1) / 1.5)
    phases = rng.uniform(0, 2 * np.pi, waves)
    table = np.hstack(
        [columns, columns[:, first] * columns[:, second], np.cos(columns @ directions + phases)]
    )
    table -= shares @ table
    spread = np.sqrt(shares @ table**2)
    return table / np.where(spread > 1e-9, spread, np.inf)


def contrast(
    features: np.ndarray, shares: np.ndarray, signed: np.ndarray, penalty: float = PENALTY
) -> np.ndarray:
    """Coefficients (F, R) of the contrast (p - q) / m, for R labellings of the same points.

    Args:
        features: (n, F), standardised.
        shares: Weights (n,) of the points in the mixture m, summing to one.
        signed: (n, R): the weights of p's points, and minus those of q's; each sums to one.
        penalty: Ridge penalty.
    """
    matrix = features.T @ (shares[:, None] * features)
    matrix[np.diag_indices_from(matrix)] += penalty
    return np.linalg.solve(matrix, features.T @ signed)
