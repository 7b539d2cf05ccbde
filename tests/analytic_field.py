"""A field known in closed form: mixtures of normals, on lines and circles, on every path.

It takes the place of a trained network wherever the rest of the engine is to be tested or compared
without one. With a component's mean m and scale t, the noisy density on a line is normal with mean
a m and variance a^2 t^2 + b^2; on a circle it is the sum over turns of a normal with variance
t^2 + b^2, or, where noise is uniform on the circle, of a normal smeared over an arc of length
b * PERIOD.
"""

import math

import numpy as np
import torch
from torch import Tensor

from pontecorvo.flows.guidance import differentiate
from pontecorvo.flows.noise_schedules import PERIOD, Level, Path, wrap

_TURNS = 3


class MixtureField:
    """Exact velocity of a mixture of products of normals.

    Args:
        path: Noise schedule.
        weights: (K,), adding up to one.
        means: (K, D).
        scales: (K, D), positive; at most a quarter turn on circles.
        periodic: Which coordinates (D,) are periodic; None: none.
    """

    def __init__(
        self,
        path: Path,
        weights: np.ndarray,
        means: np.ndarray,
        scales: np.ndarray,
        periodic: np.ndarray | None = None,
    ) -> None:
        self.path = path
        self.weights = torch.as_tensor(np.asarray(weights, dtype=float))
        self.means = torch.as_tensor(np.asarray(means, dtype=float))
        self.scales = torch.as_tensor(np.asarray(scales, dtype=float))
        dim = self.means.shape[1]
        flags = np.zeros(dim, bool) if periodic is None else np.asarray(periodic, bool)
        self.periodic = torch.as_tensor(flags)

    def sample(self, n: int, seed: int = 0) -> Tensor:
        """Draw data (n, D), float64."""
        rng = torch.Generator().manual_seed(seed)
        which = torch.multinomial(self.weights, n, replacement=True, generator=rng)
        normal = torch.randn(n, self.means.shape[1], generator=rng, dtype=torch.float64)
        return wrap(self.means[which] + self.scales[which] * normal, self.periodic)

    def log_density(self, x: Tensor, s: float | None = None) -> Tensor:
        """Log-density (N,) of the noisy data at s (by default at the path's start)."""
        time = torch.tensor(self.path.start if s is None else s, dtype=torch.float64)
        return self._solve(x.double(), time)[0]

    def velocity(self, x: Tensor, s: Tensor) -> Tensor:
        """Exact velocity (N, D), in the precision of x."""
        return self._solve(x.double(), s)[1].to(x.dtype)

    def velocity_and_diagonal(self, x: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
        """Exact velocity, and its diagonal by differentiation."""
        return differentiate(self, x, s)

    def _solve(self, x: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
        """Log-density (N,) and velocity (N, D): the components' mean, by their probabilities."""
        level = self.path.level(s, self.periodic, torch.float64)
        points = x.unsqueeze(1)  # (N, K, D)
        log, velocity = self._line(points, level)
        if bool(self.periodic.any()):
            circle_log, circle_velocity = self._circle(points, level)
            log = torch.where(self.periodic, circle_log, log)
            velocity = torch.where(self.periodic, circle_velocity, velocity)
        logs = torch.log(self.weights) + log.sum(dim=2)
        share = torch.softmax(logs, dim=1).unsqueeze(2)
        return torch.logsumexp(logs, dim=1), (share * velocity).sum(dim=1)

    def _line(self, x: Tensor, level: Level) -> tuple[Tensor, Tensor]:
        a, b, da, db = level
        variance = (a * self.scales) ** 2 + b**2
        gap = x - a * self.means
        data = self.means + a * self.scales**2 * gap / variance
        return _log_normal(gap, variance), da * data + db * b * gap / variance

    def _circle(self, x: Tensor, level: Level) -> tuple[Tensor, Tensor]:
        turns = PERIOD * torch.arange(-_TURNS, _TURNS + 1, dtype=torch.float64)
        gap = wrap(x - self.means, self.periodic).unsqueeze(-1) + turns
        scale, b = self.scales.unsqueeze(-1), level.b.reshape(-1, 1)
        if self.path.gaussian_circle:
            variance = scale**2 + b**2
            log, noise = _log_normal(gap, variance), b * gap / variance
        else:
            half = (b * PERIOD / 2).clamp_min(1e-7)
            upper, lower = (gap + half) / scale, (gap - half) / scale
            flip = torch.where(lower > 0, -1.0, 1.0)  # subtract small tails, not numbers near one
            mass = flip * (torch.special.ndtr(flip * upper) - torch.special.ndtr(flip * lower))
            mass = mass.clamp_min(1e-300)
            bell = torch.exp(-0.5 * upper**2) - torch.exp(-0.5 * lower**2)
            shift = gap + scale * bell / math.sqrt(2 * math.pi) / mass
            noise = (shift / half).clamp(-1, 1) * PERIOD / 2
            log = torch.log(mass) - torch.log(2 * half)
        share = torch.softmax(log, dim=-1)
        return torch.logsumexp(log, dim=-1), level.db * (share * noise).sum(dim=-1)


def _log_normal(gap: Tensor, variance: Tensor) -> Tensor:
    return -0.5 * gap**2 / variance - 0.5 * torch.log(2 * math.pi * variance)
