"""The denoiser: a network on a path, with a rule for what it predicts.

Whatever the target, the answer is turned into the velocity v = a' x_0 + b' eps, the common currency
of samplers, densities and guidance. Targets (F is the network's raw output):

* ``noise``: F = eps (DDPM, arXiv:2006.11239).
* ``score``: F = b * score, so its loss is the b^2-weighted score matching of arXiv:2011.13456 and
  NPSE (arXiv:2404.14752).
* ``data``: F = x_0.
* ``velocity``: v = (a a' + b b') / (a^2 + b^2) x + w / sqrt(a^2 + b^2) F with w the Wronskian: the
  best linear guess for data of unit variance, and a target of unit variance for what is left (EDM's
  preconditioning, arXiv:2206.00364). On ``vp`` it is the v-prediction of arXiv:2202.00512, on
  ``flow-matching`` the loss of arXiv:2210.02747 weighted by a^2 + b^2 (between 1/2 and 1).
"""

import torch
from torch import Tensor, nn

from ..base.errors import InputError, suggest
from .networks import Context, Network, NetworkSettings, make_network
from .noise_schedules import Level, Path, wrap

TARGETS = ["velocity", "noise", "score", "data"]


class Denoiser(nn.Module):
    """Network, path and target.

    Args:
        periodic: Which coordinates (D,) are periodic (circumference `paths.PERIOD`).
        condition_dim: Number C of conditions (already standardised).
        path: Noise schedule.
        network: Which network.
        target: What the network predicts.
        guidance_input: Give the network the log of a guidance scale as one more condition (model
            guidance at any scale).
    """

    periodic: Tensor

    def __init__(
        self,
        periodic: Tensor,
        condition_dim: int,
        path: Path,
        network: NetworkSettings,
        target: str = "velocity",
        guidance_input: bool = False,
    ) -> None:
        super().__init__()
        if target not in TARGETS:
            raise InputError(f"prediction {target!r} is unknown; {suggest(target, TARGETS)}")
        if target == "data" and bool(periodic.any()):
            raise InputError(
                "prediction 'data' is not a periodic function of periodic coordinates; "
                "allowed with them: velocity, noise, score"
            )
        self.register_buffer("periodic", periodic.clone().bool(), persistent=False)
        self.path = path
        self.target = target
        self.guidance_input = guidance_input
        self.network: Network = make_network(
            self.periodic, condition_dim + int(guidance_input), network
        )

    def level(self, s: Tensor) -> Level:
        """The path's coefficients at s, broadcast over coordinates."""
        return self.path.level(s, self.periodic)

    def context(
        self,
        s: Tensor,
        condition: Tensor,
        keep: Tensor | None = None,
        log_guidance: Tensor | float = 0.0,
    ) -> Context:
        """What the network needs of time s (() or (M,)) and condition (1 or M, C)."""
        if self.guidance_input:
            scale = torch.as_tensor(log_guidance, dtype=condition.dtype).reshape(-1, 1)
            condition = torch.cat([condition, scale.expand(len(condition), 1)], dim=1)
        return self.network.context(self.path.features(s.reshape(-1)), condition, keep)

    def _rule(self, level: Level) -> tuple[Tensor, Tensor, Tensor]:
        """Scales (c_in, c_x, c_F) with v = c_x x + c_F F(c_in x)."""
        a, b, da, db = level
        norm = a * a + b * b
        one = torch.ones_like(a)
        c_in = torch.where(self.periodic, one, torch.rsqrt(norm))
        wronskian = a * db - b * da
        if self.target == "velocity":
            skip = torch.where(self.periodic, 0 * one, (a * da + b * db) / norm)
            out = torch.where(self.periodic, db, wronskian * torch.rsqrt(norm))
            return c_in, skip, out
        if self.target == "data":
            return c_in, db / b, -wronskian / b
        sign = -1.0 if self.target == "score" else 1.0
        return c_in, da / a, sign * wronskian / a

    def velocity(self, x: Tensor, s: Tensor, context: Context) -> Tensor:
        """Velocity (N, D) at points (N, D) and time s, () or (N,)."""
        c_in, c_x, c_out = self._rule(self.level(s))
        return c_x * x + c_out * self.network(c_in * x, context).float()

    def velocity_and_diagonal(
        self,
        x: Tensor,
        s: Tensor,
        context: Context,
        precision: torch.dtype = torch.float32,
    ) -> tuple[Tensor, Tensor]:
        """Velocity and the diagonal (N, D) of its Jacobian, the latter's precision as given."""
        c_in, c_x, c_out = self._rule(self.level(s))
        value, diagonal = self.network.with_diagonal(c_in * x, context, precision)
        return c_x * x + c_out * value.float(), c_x + c_out * c_in * diagonal.float()

    def loss(
        self,
        data: Tensor,
        noise: Tensor,
        s: Tensor,
        condition: Tensor,
        keep: Tensor | None = None,
        log_guidance: Tensor | float = 0.0,
        extra: Tensor | None = None,
    ) -> Tensor:
        """Mean squared error (N,) of the raw prediction, averaged over coordinates.

        Args:
            data: x_0, (N, D).
            noise: eps, (N, D).
            s: Times (N,), float64.
            condition: Standardised conditions (N, C).
            keep: Zero for rows whose condition is dropped, (N, 1).
            log_guidance: Log of the guidance scale (N,), where the network takes it.
            extra: Velocity (N, D) added to the target (model guidance).
        """
        level = self.level(s)
        x = wrap(level.a * data + level.b * noise, self.periodic)
        c_in, c_x, c_out = self._rule(level)
        if self.target == "noise" and extra is None:
            wanted = noise
        elif self.target == "score" and extra is None:
            wanted = -noise
        elif self.target == "data" and extra is None:
            wanted = data
        else:
            velocity = level.da * data + level.db * noise
            if extra is not None:
                velocity = velocity + extra
            wanted = (velocity - c_x * x) / c_out
        output = self.network(c_in * x, self.context(s, condition, keep, log_guidance))
        return ((output.float() - wanted) ** 2).mean(dim=1)
