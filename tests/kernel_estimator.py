"""A stand-in for a trained network: weighted kernel density of (theta, x), conditioned on x."""

from pathlib import Path

import numpy as np
from scipy.special import logsumexp

from pontecorvo.base.files import load_arrays, save_arrays


class KernelEstimator:
    """q(theta | x) = sum_i w_i K(x - x_i) N(theta; theta_i, h) / sum_i w_i K(x - x_i)."""

    def __init__(self, width: float = 0.25) -> None:
        self.width = width

    def fit(self, theta: np.ndarray, x: np.ndarray, weights: np.ndarray | None, seed: int) -> None:
        self.theta, self.x = theta, x
        self.weights = np.ones(len(theta)) if weights is None else weights
        shrink = len(theta) ** (-1 / (4 + theta.shape[1] + x.shape[1]))
        self.h_theta = self.width * shrink * theta.std(axis=0)
        self.h_x = self.width * shrink * x.std(axis=0)

    def _mixture(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        log_k = -0.5 * np.sum(((self.x - x) / self.h_x) ** 2, axis=1) + np.log(self.weights)
        near = log_k > log_k.max() - 12
        share = np.exp(log_k[near] - logsumexp(log_k[near]))
        return self.theta[near], share / share.sum()

    def sample(self, x: np.ndarray, n: int, seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        centres, share = self._mixture(x)
        picked = centres[rng.choice(len(centres), n, p=share)]
        return picked + self.h_theta * rng.standard_normal(picked.shape)

    def log_density(self, theta: np.ndarray, x: np.ndarray) -> np.ndarray:
        centres, share = self._mixture(x)
        norm = np.sum(np.log(self.h_theta)) + 0.5 * theta.shape[1] * np.log(2 * np.pi)
        parts = []
        for start in range(0, len(theta), 1000):
            gap = (theta[start : start + 1000, None] - centres) / self.h_theta
            parts.append(logsumexp(-0.5 * np.sum(gap**2, axis=2), axis=1, b=share) - norm)
        return np.concatenate(parts) if parts else np.zeros(0)

    def save(self, path: Path) -> None:
        save_arrays(path, theta=self.theta, x=self.x, weights=self.weights)

    def load(self, path: Path) -> None:
        content = load_arrays(path)
        self.fit(content["theta"], content["x"], content["weights"], 0)
