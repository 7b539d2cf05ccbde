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

from .guidance import differentiate
from .paths import PERIOD, Level, Path, wrap

_TURNS = 4


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
        """Log-density (N,) of the noisy data at s (by default of the path's start)."""
        time = torch.tensor(self.path.start if s is None else s, dtype=torch.float64)
        return self._posterior(x.double(), time)[0]

    def _posterior(self, x: Tensor, s: Tensor) -> tuple[Tensor, Tensor, Level]:
        """Log-density (N,), expected noise (N, D) and the level, at float64 points."""
        level = self.path.level(s, self.periodic, torch.float64)
        x = x.unsqueeze(1)  # (N, K, D)
        line_log, line_noise = self._line(x, level)
        if bool(self.periodic.any()):
            circle_log, circle_noise = self._circle(x, level)
            line_log = torch.where(self.periodic, circle_log, line_log)
            line_noise = torch.where(self.periodic, circle_noise, line_noise)
        logs = torch.log(self.weights) + line_log.sum(dim=2)
        share = torch.softmax(logs, dim=1).unsqueeze(2)
        return torch.logsumexp(logs, dim=1), (share * line_noise).sum(dim=1), level

    def _line(self, x: Tensor, level: Level) -> tuple[Tensor, Tensor]:
        variance = (level.a * self.scales) ** 2 + level.b**2
        gap = x - level.a * self.means
        return _log_normal(gap, variance), level.b * gap / variance

    def _circle(self, x: Tensor, level: Level) -> tuple[Tensor, Tensor]:
        turns = PERIOD * torch.arange(-_TURNS, _TURNS + 1, dtype=torch.float64)
        gap = wrap(x - self.means, self.periodic).unsqueeze(-1) + turns
        scale = self.scales.unsqueeze(-1)
        if self.path.gaussian_circle:
            variance = scale**2 + level.b.reshape(-1, 1) ** 2
            log = _log_normal(gap, variance)
            noise = level.b.reshape(-1, 1) * gap / variance
        else:
            half = (level.b * PERIOD / 2).clamp_min(1e-7).reshape(-1, 1)
            upper, lower = (gap + half) / scale, (gap - half) / scale
            flip = torch.where(lower > 0, -1.0, 1.0)  # differences of small tails, not of ones
            mass = flip * (torch.special.ndtr(flip * upper) - torch.special.ndtr(flip * lower))
            mass = mass.clamp_min(1e-300)
            height = math.sqrt(2 * math.pi)
            edges = scale * (torch.exp(-0.5 * upper**2) - torch.exp(-0.5 * lower**2)) / height
            noise = (gap + edges / mass) * PERIOD / 2 / half
            noise = torch.clamp(noise, -PERIOD / 2, PERIOD / 2)
            log = torch.log(mass) - torch.log(2 * half)
        share = torch.softmax(log, dim=-1)
        return torch.logsumexp(log, dim=-1), (share * noise).sum(dim=-1)

    def velocity(self, x: Tensor, s: Tensor) -> Tensor:
        """Exact velocity (N, D), in the precision of x."""
        point = x.double()
        _, noise, level = self._posterior(point, s)
        a, b, da, db = level
        # v = a' x_0 + b' eps with x_0 = (x - b eps) / a; where a = 0 the noise is x itself
        data = self._data(point, s, noise, level)
        return (da * data + db * noise).to(x.dtype)

    def _data(self, x: Tensor, s: Tensor, noise: Tensor, level: Level) -> Tensor:
        if bool((level.a > 1e-3).all()):
            return (x - level.b * noise) / level.a
        logs = torch.log(self.weights) + self._line(x.unsqueeze(1), level)[0].sum(dim=2)
        if bool(self.periodic.any()):
            parts = torch.where(
                self.periodic,
                self._circle(x.unsqueeze(1), level)[0],
                self._line(x.unsqueeze(1), level)[0],
            )
            logs = torch.log(self.weights) + parts.sum(dim=2)
        share = torch.softmax(logs, dim=1).unsqueeze(2)
        variance = (level.a * self.scales) ** 2 + level.b**2
        gain = level.a * self.scales**2 / variance
        means = self.means + gain * (x.unsqueeze(1) - level.a * self.means)
        return (share * means).sum(dim=1)

    def velocity_and_diagonal(self, x: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
        """Exact velocity, and its diagonal by differentiation."""
        return differentiate(self, x, s)
