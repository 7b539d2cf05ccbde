"""Likelihood ratios learned by classification: NRE and direct amortised DNRE, on one interface.

* NRE (arXiv:1903.04057): a classifier tells the point that made the data from strangers.
* DNRE (arXiv:2311.10571): a classifier sees d and two points and tells under which d was made; its
  logit f(theta, d) - f(theta', d) is antisymmetric, and zero where theta = theta'.

In both f(theta, d) = l(theta, d) - ln mean exp l + a(d) . b(theta, d) + c(theta, d): the data's
closed-form map, lowered as in the chart where it is high (`plane_chart.HEIGHT`), and a learned
residual, zero before training. b and c see the point in the plane, in the data's chart, and how
deep it lies below the map's top. Strangers come from q(theta | d) (`ratio_bank`), so that the
classifier's best logit is that of the posterior over q, f(theta, d) - ln [q(theta | d) / prior], in
NRE, and the difference of two such in DNRE. NRE's f is ln p(d | theta) - ln p(d); DNRE's is free up
to a constant of the data.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ....base.errors import InputError, suggest
from ....base.files import atomic_path, fingerprint, write_json
from ....base.seeds import stream
from ....flows.torch_threads import torch_defaults
from ....sbi.small_training import train_small
from .embedding import Embedding, Reading
from .interface import NeuralDraws, PlaneEstimator
from .map_candidates import candidates
from .plane_chart import HEIGHT
from .plane_flows import inner, spread
from .ratio_bank import Placed, RatioBank, place
from .simulated import HIGH, LOW

KINDS = ("nre", "dnre")
TITLES = {"nre": "NRE (ratio)", "dnre": "DNRE (direct ratio)"}
VERSION = 2
CHUNK = 512
"""Data sets at a time."""
ROUNDS = 32
"""Of candidates for draws, twice as many each as are wanted."""


@dataclass(frozen=True)
class RatioSettings:
    """Size and training of a ratio network.

    Attributes:
        width: Width of both halves.
        features: Number of features that are multiplied.
        frequencies: Sines and cosines up to this many half waves, in the plane and in the chart.
        steps: Training steps.
        batch: Simulations a step.
        learning_rate: The largest, falling along a cosine.
        seed: Seed of weights and batches.
    """

    width: int = 96
    features: int = 32
    frequencies: tuple[int, int] = (6, 3)
    steps: int = 400
    batch: int = 256
    learning_rate: float = 1e-4
    seed: int = 0


class _Residual(nn.Module):
    """Features of data, and of points under data."""

    def __init__(self, numbers: int, settings: RatioSettings) -> None:
        super().__init__()
        width, features = settings.width, settings.features
        self.frequencies = settings.frequencies
        waves = 5 + 4 * sum(settings.frequencies)
        self.data = nn.Sequential(
            nn.Linear(numbers, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(),
            nn.Linear(width, features),
        )  # fmt: skip
        self.point = nn.Sequential(
            nn.Linear(waves, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(),
            nn.Linear(width, features + 1),
        )  # fmt: skip
        for part in self.point[-1].parameters():
            nn.init.zeros_(part)

    def forward(self, rows: Tensor, u: Tensor, unit: Tensor, depth: Tensor) -> Tensor:
        """Residual (T, N) of rows (T, C), points (T, N, 2) in both coordinates, depths (T, N)."""
        waves = [(torch.asinh(depth) / 3 - 1)[..., None], 2 * u - 1, 2 * unit - 1]
        for values, count in zip((u, unit), self.frequencies, strict=True):
            angle = (torch.pi * values[..., None] * torch.arange(1, count + 1)).flatten(-2)
            waves += [torch.cos(angle), torch.sin(angle)]
        out = self.point(torch.cat(waves, dim=-1))
        own: Tensor = torch.einsum("tf,tnf->tn", self.data(rows), out[..., :-1]) + out[..., -1]
        return own


class RatioEstimator(PlaneEstimator):
    """A learned likelihood ratio of the sterile plane.

    Args:
        embedding: What it reads of the data.
        kind: ``nre`` or ``dnre``.
        settings: Size and training.
    """

    @torch_defaults()
    def __init__(
        self, embedding: Embedding, kind: str, settings: RatioSettings | None = None
    ) -> None:
        if kind not in KINDS:
            raise InputError(f"estimator {kind!r} is unknown; {suggest(kind, list(KINDS))}")
        self.embedding, self.kind = embedding, kind
        self.settings = settings or RatioSettings()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.settings.seed)
            self.network = _Residual(len(embedding.names), self.settings)
        self.centre = np.zeros(len(embedding.names))
        self.scale = np.ones(len(embedding.names))
        self.calibration: dict[str, Any] = {}
        """What was measured of it, for its card."""

    def _told(self, rows: np.ndarray, name: str) -> np.ndarray:
        """Top or log mean (T,) of the maps, which rows hold as an arcsinh."""
        return np.sinh(rows[:, self.embedding.names.index(name)].astype(float))

    def _values(self, rows: np.ndarray, points: Placed) -> Tensor:
        """f (T, N)."""
        standard = (np.asarray(rows, dtype=float) - self.centre) / self.scale
        height = self._told(rows, "height")[:, None]
        below = (points.level - height) / (1.0 + np.maximum(height, 0.0) / HEIGHT)
        own = below + height - self._told(rows, "log_mean")[:, None]
        depth = np.maximum(-below, 0.0)
        residual = self.network(
            torch.from_numpy(np.clip(standard, -20, 20)).float(),
            torch.from_numpy(points.u).float(),
            torch.from_numpy(points.unit).float(),
            torch.from_numpy(depth).float(),
        )
        return torch.from_numpy(own).float() + residual

    def fit(self, bank: RatioBank, checkpoint: Path | None = None) -> list[float]:
        """Train on simulations; returns the loss of every hundredth step."""
        s = self.settings
        self.centre, spread = bank.rows.mean(axis=0), bank.rows.std(axis=0)
        self.scale = np.where(spread > 1e-9, spread, 1.0)

        def loss(step: int) -> Tensor:
            chosen = stream(s.seed, "ratio", self.kind, step).integers(0, len(bank.rows), s.batch)
            points = Placed(*(array[chosen] for array in vars(bank.points).values()))
            over = self._values(bank.rows[chosen], points) - torch.from_numpy(points.log_proposal)
            return self._loss(over)

        mark = fingerprint([VERSION, self.describe(), len(bank.rows), float(bank.rows.sum())])
        return train_small(self.network, loss, s.steps, s.learning_rate, checkpoint, mark)

    def loss(self, bank: RatioBank) -> float:
        """Loss on simulations (4,096 data sets and a few strangers at a time fit in memory)."""
        with torch.inference_mode():
            over = self._values(bank.rows, bank.points)
            return float(self._loss(over - torch.from_numpy(bank.points.log_proposal)))

    def _loss(self, over: Tensor) -> Tensor:
        own, strange = over[:, :1], over[:, 1:]
        if self.kind == "nre":
            return nn.functional.softplus(-own).mean() + nn.functional.softplus(strange).mean()
        return nn.functional.softplus(strange - own).mean()

    def at(self, known: Reading, points: np.ndarray) -> np.ndarray:
        """f (T, N) at points (T, N, 2), or (N, 2) for all; -inf outside the prior.

        Differences along N are log-likelihood ratios.
        """
        points = np.asarray(points, dtype=float)
        if points.ndim == 2:
            points = np.broadcast_to(points, (len(known), *points.shape))
        parts = []
        for start in range(0, len(known), CHUNK):
            own, theta = known.part(slice(start, start + CHUNK)), points[start : start + CHUNK]
            inside = np.all((theta >= LOW) & (theta <= HIGH), axis=2)
            placed = place(self.embedding, own.maps, np.clip(theta, LOW, HIGH))
            with torch.inference_mode():
                value = self._values(own.rows, placed).double().numpy()
            parts.append(np.where(inside, value, -np.inf))
        return np.concatenate(parts)

    def best(self, known: Reading, keep: int = 64) -> tuple[np.ndarray, np.ndarray]:
        """MAP (T, 2) and its f (T,): the best of the map's highest candidates."""
        points, _ = candidates(self.embedding, known.maps, keep)
        values = self.at(known, points)
        top, every = values.argmax(axis=1), np.arange(len(known))
        return points[every, top], values[every, top]

    def draw_read(self, known: Reading, n: int, seed: int = 0, nodes: int = 0) -> NeuralDraws:
        """n draws (T, n, 2) at each of T data sets that were read before."""
        each = [self._draw_one(known.part(slice(t, t + 1)), n, seed + t) for t in range(len(known))]
        return NeuralDraws(
            np.stack([one.points for one in each]), np.stack([one.log_density for one in each])
        )

    def _draw_one(self, known: Reading, n: int, seed: int) -> NeuralDraws:
        """n draws (n, 2) at one data set.

        Draws of the chart are accepted in proportion to the ratio over the chart's density, whose
        constant is `log_evidence`. Where the network rises so far above its chart that hardly any
        is accepted, n of them are resampled by this weight, with repeats.
        """
        rng = stream(seed, "ratio-draws", self.kind)
        points, values, logs = np.empty((0, 2)), np.empty(0), np.empty(0)
        uniform = np.empty(0)
        for _ in range(ROUNDS):  # the chart is near the answer: two or three do
            charted = self.embedding.chart.from_unit(known.maps, inner(rng.random((1, 2 * n, 2))))
            own = self.at(known, charted.points)[0]
            points, values = np.concatenate([points, charted.points[0]]), np.append(values, own)
            logs = np.append(logs, own - charted.log_density[0])
            uniform = np.append(uniform, np.log(rng.random(2 * n)))
            rows = np.flatnonzero(uniform < logs - logs.max())[:n]
            if len(rows) == n:
                break
        else:
            weights = np.exp(logs - logs.max())
            rows = rng.choice(len(weights), n, p=weights / weights.sum())
        return NeuralDraws(points[rows], values[rows] - self.log_evidence(known)[0])

    def log_evidence(self, known: Reading, points: int = 1024) -> np.ndarray:
        """Log of the integral (T,) of exp f over the plane: a mean over points even in the chart.

        It turns f into the log of a density, the same for every draw and for the truth.
        """
        unit = np.broadcast_to(spread(points), (len(known), points, 2))
        charted = self.embedding.chart.from_unit(known.maps, inner(unit))
        over = self.at(known, charted.points) - charted.log_density
        top = over.max(axis=1)
        return np.asarray(top + np.log(np.mean(np.exp(over - top[:, None]), axis=1)))

    def density_read(self, points: np.ndarray, known: Reading, nodes: int = 0) -> np.ndarray:
        """Log-density (T, N) of points (T, N, 2) at T data sets; -inf outside the prior."""
        return self.at(known, points) - self.log_evidence(known)[:, None]

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
        write_json(
            folder / f"{self.kind}.json", self.describe() | {"calibration": self.calibration}
        )

    @classmethod
    def load(cls, folder: Path, kind: str, embedding: Embedding) -> "RatioEstimator":
        """Read what `save` wrote.

        Raises:
            InputError: If the files are missing or do not fit.
        """
        import json

        from safetensors import SafetensorError
        from safetensors.torch import load_file

        path = folder / f"{kind}.safetensors"
        try:
            card = json.loads((folder / f"{kind}.json").read_text(encoding="utf-8"))
            given = dict(card["settings"])
            given["frequencies"] = tuple(given["frequencies"])
            own = cls(embedding, kind, RatioSettings(**given))
            tensors = load_file(path)
            own.centre, own.scale = tensors.pop("centre").numpy(), tensors.pop("scale").numpy()
            state = {k.removeprefix("network."): v for k, v in tensors.items()}
            own.network.load_state_dict(state)
            own.calibration = dict(card["calibration"])
        except (OSError, ValueError, TypeError, SafetensorError, KeyError, RuntimeError):
            raise InputError(f"{path}: is missing, damaged or of another network") from None
        return own

    def describe(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {"kind": self.kind, "settings": asdict(self.settings), **self.embedding.describe()}


def load_ratios(folder: Path, embedding: Embedding) -> dict[str, RatioEstimator]:
    """The ratio networks that lie in a folder, by kind."""
    found = [kind for kind in KINDS if (folder / f"{kind}.json").is_file()]
    return {kind: RatioEstimator.load(folder, kind, embedding) for kind in found}
