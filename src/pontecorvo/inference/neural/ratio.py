"""Likelihood ratios learned by classification: NRE and direct amortised DNRE, on one interface.

* NRE (arXiv:1903.04057): a classifier tells pairs (theta, d) from pairs of strangers; its logit is
  ln p(d | theta) - ln p(d).
* DNRE (arXiv:2311.10571): a classifier sees d and two parameters and tells under which of them d
  was made; its logit is ln p(d | theta) - ln p(d | theta') itself. Written as f(theta, d) -
  f(theta', d) it is antisymmetric, and exactly zero where theta = theta'.

In both f(theta, d) = a(d) . b(theta) + c(theta): features of the data times features of the
parameters, so that a whole plane for thousands of data sets is one matrix product, and so is MAP.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ...base.errors import InputError, suggest
from ...base.files import atomic_path, write_json
from ...base.seeds import stream
from ..generative.threads import one_thread
from ..grid import Plane
from .embedding import Embedding
from .simulated import Bank, to_cube

KINDS = ("nre", "dnre")
TITLES = {"nre": "NRE (ratio)", "dnre": "DNRE (direct ratio)"}


@dataclass(frozen=True)
class RatioSettings:
    """Size and training of a ratio network.

    Attributes:
        width: Width of both halves.
        features: Number of features that are multiplied.
        frequencies: Sines and cosines of each coordinate, up to this many half waves.
        steps: Training steps.
        batch: Simulations a step.
        pairs: Strangers of each simulation in a step.
        learning_rate: The largest, falling along a cosine.
        seed: Seed of weights and batches.
    """

    width: int = 192
    features: int = 128
    frequencies: int = 24
    steps: int = 6000
    batch: int = 512
    pairs: int = 8
    learning_rate: float = 2e-3
    seed: int = 0


class _Halves(nn.Module):
    """Features of data and of parameters."""

    def __init__(self, numbers: int, settings: RatioSettings) -> None:
        super().__init__()
        width, features = settings.width, settings.features
        waves = 2 * (1 + 2 * settings.frequencies)
        self.frequencies = torch.pi * torch.arange(1, settings.frequencies + 1)
        self.data = nn.Sequential(
            nn.Linear(numbers, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(),
            nn.Linear(width, features),
        )  # fmt: skip
        self.point = nn.Sequential(
            nn.Linear(waves, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(),
            nn.Linear(width, features + 1),
        )  # fmt: skip

    def of_points(self, u: Tensor) -> tuple[Tensor, Tensor]:
        """Features (N, F) and offset (N,) of points (N, 2) of the cube."""
        angle = (u.unsqueeze(-1) * self.frequencies).flatten(1)
        waves = torch.cat([2 * u - 1, torch.cos(angle), torch.sin(angle)], dim=1)
        out = self.point(waves)
        return out[:, :-1], out[:, -1]


class RatioEstimator:
    """A learned likelihood ratio of the sterile plane.

    Args:
        embedding: What it reads of the data.
        kind: ``nre`` or ``dnre``.
        settings: Size and training.
    """

    def __init__(
        self, embedding: Embedding, kind: str, settings: RatioSettings | None = None
    ) -> None:
        if kind not in KINDS:
            raise InputError(f"estimator {kind!r} is unknown; {suggest(kind, list(KINDS))}")
        self.embedding, self.kind = embedding, kind
        self.settings = settings or RatioSettings()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.settings.seed)
            self.network = _Halves(len(embedding.names), self.settings)
        self.centre = np.zeros(len(embedding.names))
        self.scale = np.ones(len(embedding.names))

    def _standard(self, rows: np.ndarray) -> Tensor:
        values = (np.asarray(rows, dtype=float) - self.centre) / self.scale
        return torch.from_numpy(np.clip(values, -20, 20)).float()

    def fit(self, bank: Bank) -> list[float]:
        """Train on simulations; returns the loss of every hundredth step."""
        with one_thread():
            return self._fit(bank)

    def _fit(self, bank: Bank) -> list[float]:
        s = self.settings
        self.centre, spread = bank.rows.mean(axis=0), bank.rows.std(axis=0)
        self.scale = np.where(spread > 1e-9, spread, 1.0)
        optimiser = torch.optim.AdamW(self.network.parameters(), lr=s.learning_rate)
        losses = []
        for step in range(s.steps):
            rng = stream(s.seed, "ratio", self.kind, step)
            chosen = rng.integers(0, len(bank.u), s.batch)
            u = torch.from_numpy(bank.u[chosen]).float()
            data = self.network.data(self._standard(bank.rows[chosen]))
            others = torch.from_numpy(self._others(bank, chosen, rng)).float()
            rate = s.learning_rate * 0.5 * (1 + np.cos(np.pi * step / s.steps))
            for group in optimiser.param_groups:
                group["lr"] = rate
            loss = self._loss(u, data, others)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
            optimiser.step()
            if step % 100 == 0:
                losses.append(float(loss.detach()))
        return losses

    def _others(self, bank: Bank, chosen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Parameters (P, N, 2) that had no part in the data.

        Half are draws of the prior, half stay near the truth at many scales: strangers from afar
        teach nothing about the top of a narrow peak. For DNRE any choice that treats the two
        alike is right; for NRE they must be the prior's.
        """
        count = (self.settings.pairs, len(chosen), 2)
        prior = rng.random(count)
        if self.kind == "nre":
            return prior
        near = bank.u[chosen] + rng.standard_normal(count) * 10 ** rng.uniform(-2.5, -0.5, count)
        # a reflected step is as likely as its inverse, so the two parameters remain exchangeable
        near = np.abs(near) % 2.0
        near = np.where(near > 1, 2 - near, near)
        half = count[0] // 2
        return np.concatenate([prior[:half], near[half:]])

    def _loss(self, u: Tensor, data: Tensor, others: Tensor) -> Tensor:
        b, c = self.network.of_points(u)
        own = (data * b).sum(dim=1) + c
        many = others.reshape(-1, 2)
        b, c = self.network.of_points(many)
        strange = (data.repeat(len(others), 1) * b).sum(dim=1) + c
        softplus = nn.functional.softplus
        if self.kind == "nre":
            return softplus(-own).mean() + softplus(strange).mean()
        return softplus(strange - own.repeat(len(others))).mean()

    def log_ratio(self, rows: np.ndarray, points: np.ndarray) -> np.ndarray:
        """f (T, N) for condition rows (T, C) and points (N, 2) in log10 s22, log10 dm2.

        Differences along N are log-likelihood ratios.
        """
        with torch.inference_mode():
            b, c = self.network.of_points(torch.from_numpy(to_cube(points)).float())
            a = self.network.data(self._standard(rows))
            return (a @ b.T + c).double().numpy()

    def at(self, rows: np.ndarray, points: np.ndarray) -> np.ndarray:
        """f (N,) for row n and point n together."""
        with torch.inference_mode():
            b, c = self.network.of_points(torch.from_numpy(to_cube(points)).float())
            a = self.network.data(self._standard(rows))
            return ((a * b).sum(dim=1) + c).double().numpy()

    def best(self, rows: np.ndarray, plane: Plane) -> tuple[np.ndarray, np.ndarray]:
        """MAP (T, 2) on a plane, and its f (T,): one product."""
        values = self.log_ratio(rows, plane.points)
        index = values.argmax(axis=1)
        return plane.points[index], values[np.arange(len(values)), index]

    def save(self, folder: Path) -> None:
        """Write ``KIND.json`` and ``KIND.safetensors``."""
        from safetensors.torch import save_file

        tensors = {f"network.{k}": v.contiguous() for k, v in self.network.state_dict().items()}
        tensors |= {
            "centre": torch.from_numpy(self.centre).double(),
            "scale": torch.from_numpy(self.scale).double(),
        }
        with atomic_path(folder / f"{self.kind}.safetensors") as temporary:
            save_file(tensors, temporary)
        write_json(folder / f"{self.kind}.json", self.describe())

    def load(self, folder: Path) -> None:
        """Read what `save` wrote, for the same settings.

        Raises:
            InputError: If the files are missing or do not fit.
        """
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        path = folder / f"{self.kind}.safetensors"
        try:
            tensors = load_file(path)
            centre, scale = tensors.pop("centre").numpy(), tensors.pop("scale").numpy()
            prefix = "network."
            state = {k.removeprefix(prefix): v for k, v in tensors.items()}
            self.network.load_state_dict(state)
        except (OSError, SafetensorError, KeyError, RuntimeError):
            raise InputError(f"{path}: is missing, damaged or of another network") from None
        self.centre, self.scale = centre, scale

    def describe(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {"kind": self.kind, "settings": asdict(self.settings), **self.embedding.describe()}


def posterior_on(
    estimator: RatioEstimator, rows: np.ndarray, plane: Plane, weights: Sequence[float] | np.ndarray
) -> np.ndarray:
    """Posterior mass (T, G) on a plane, flat prior; `weights` (G,) are the cells' areas."""
    values = estimator.log_ratio(rows, plane.points)
    mass = np.exp(values - values.max(axis=1, keepdims=True)) * np.asarray(weights)
    return mass / mass.sum(axis=1, keepdims=True)
