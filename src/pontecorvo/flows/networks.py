"""Networks: what maps a noisy point, a time and a condition to a prediction.

Each has two halves. The `context` depends on time and condition only, so a draw at one condition
computes it once a step. The `trunk` depends on the point; written in the functions of `tangents`,
it also carries the D derivatives that an exact density needs.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from ..base.errors import InputError, suggest
from . import tangents as tg
from .noise_schedules import PERIOD
from .tangents import Dual, Number

if TYPE_CHECKING:
    from .model_features import ModelFeatures

Context = list[Tensor]


@dataclass(frozen=True)
class NetworkSettings:
    """Which network, and how large.

    Attributes:
        kind: ``residual`` or ``hour-glass``.
        width: Residual: width of the trunk.
        blocks: Residual: number of blocks.
        expansion: Residual: width inside a block over `width`.
        embedding: Residual: width of the embedding of time and condition.
        widths: Hour-glass: widths of H1..H7. arXiv:2503.21432 calls H4 the
            deepest and prints no numbers; these are assumed.
        harmonics: Periodic coordinates enter as cos and sin of this many multiples of the angle.
        features: Name of a model's feature map (`core.feature_maps`) that is added to the
            coordinates; empty for none.
        given: Number of features of a map that is not registered but handed to the flow.
        null: Condition of the unconditional field: a ``learned`` embedding, or ``zeros`` in place
            of the standardised labels (as in arXiv:2503.21432).
    """

    kind: str = "residual"
    width: int = 256
    blocks: int = 5
    expansion: float = 1.0
    embedding: int = 128
    widths: tuple[int, ...] = (512, 256, 128, 64, 128, 256, 512)
    harmonics: int = 2
    null: str = "learned"
    features: str = ""
    given: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "widths", tuple(self.widths))
        if self.kind not in KINDS:
            raise InputError(f"network kind {self.kind!r} is unknown; {suggest(self.kind, KINDS)}")
        _ = self.extra_size  # refuse an unknown name here
        whole = isinstance(self.given, int) and not isinstance(self.given, bool)
        if not (whole and 0 <= self.given <= 16384) or (self.given and self.features):
            raise InputError(
                f"network given {self.given!r}: the number of features that are handed over, from "
                "0 to 16384, and none where features are named"
            )
        if self.null not in ("learned", "zeros"):
            raise InputError(f"network null {self.null!r}; allowed: learned, zeros")
        sizes = (self.width, self.blocks, self.embedding, self.harmonics, *self.widths)
        whole = all(isinstance(size, int) and not isinstance(size, bool) for size in sizes)
        if not (whole and min(sizes) >= 1 and max(sizes) <= 16384 and self.widths):
            raise InputError(f"network sizes {sizes}: each must be a whole number from 1 to 16384")
        if self.blocks > 1024 or self.harmonics > 1024 or len(self.widths) > 64:
            raise InputError("network: at most 1024 blocks, 1024 harmonics and 64 widths")
        if not 0 < self.expansion <= 16:
            raise InputError(f"network expansion {self.expansion}: must be above 0, at most 16")

    @property
    def extra_size(self) -> int:
        """Number of the model's features."""
        if not self.features:
            return self.given
        from .feature_maps import feature_map

        return feature_map(self.features).size

    def describe(self) -> dict[str, Any]:
        """As plain JSON types."""
        about = asdict(self) | {"widths": list(self.widths)}
        if not self.given:
            del about["given"]  # as cards before had it
        return about


KINDS = ["residual", "hour-glass"]


def _linears(layers: nn.ModuleList) -> list[nn.Linear]:
    return [layer for layer in layers if isinstance(layer, nn.Linear)]


class PointFeatures(nn.Module):
    """Coordinates as they are; periodic ones as cos and sin, so that the network is periodic."""

    periodic: Tensor

    def __init__(self, periodic: Tensor, harmonics: int) -> None:
        super().__init__()
        self.register_buffer("periodic", periodic.clone(), persistent=False)
        self.plain = [i for i, p in enumerate(periodic.tolist()) if not p]
        self.circle = [i for i, p in enumerate(periodic.tolist()) if p]
        self.frequencies = [2 * math.pi * (k + 1) / PERIOD for k in range(harmonics)]
        self.size = len(self.plain) + 2 * harmonics * len(self.circle)

    def forward(self, x: Tensor) -> Tensor:
        """Features (N, size) of points (N, D)."""
        if not self.circle:
            return x
        parts = [x[:, self.plain]]
        for frequency in self.frequencies:
            angle = frequency * x[:, self.circle]
            parts += [torch.cos(angle), torch.sin(angle)]
        return torch.cat(parts, dim=1)

    def dual(self, x: Tensor, precision: torch.dtype) -> Dual:
        """Features and their derivatives (N, D, size), the latter in the given precision."""
        value = self(x)
        tangent = x.new_zeros(len(x), x.shape[1], self.size, dtype=precision)
        column = len(self.plain)
        tangent[:, self.plain, range(column)] = 1.0
        for frequency in self.frequencies:
            angle = frequency * x[:, self.circle]
            for slope in (-frequency * torch.sin(angle), frequency * torch.cos(angle)):
                columns = range(column, column + len(self.circle))
                tangent[:, self.circle, columns] = slope.to(precision)
                column += len(self.circle)
        return Dual(value, tangent)


class ContextFeatures(nn.Module):
    """Time and condition, side by side; a dropped condition becomes the null label."""

    frequencies: Tensor

    def __init__(self, condition_dim: int, null: str) -> None:
        super().__init__()
        self.condition_dim = condition_dim
        self.register_buffer("frequencies", math.pi * 2.0 ** torch.arange(-1, 3), persistent=False)
        self.time_size = 2 * (1 + 2 * len(self.frequencies))
        self.null = nn.Parameter(torch.zeros(condition_dim)) if null == "learned" else None

    def time(self, features: Tensor) -> Tensor:
        """Sinusoids (M, time_size) of the path's time features (M, 2)."""
        angle = (features.unsqueeze(-1) * self.frequencies).flatten(-2)
        return torch.cat([features, torch.cos(angle), torch.sin(angle)], dim=-1)

    def condition(self, condition: Tensor, keep: Tensor | None) -> Tensor:
        """Condition (M, C), and a flag that it is there; rows with keep = 0 get the null label."""
        present = condition.new_ones(len(condition), 1) if keep is None else keep
        null = condition.new_zeros(self.condition_dim) if self.null is None else self.null
        chosen = torch.where(present > 0.5, condition, null)
        return chosen if self.null is None else torch.cat([chosen, present], dim=1)

    @property
    def condition_size(self) -> int:
        """Width of `condition`'s answer. Zeros carry no flag."""
        return self.condition_dim + (0 if self.null is None else 1)


class Network(nn.Module, ABC):
    """Base of the networks: `context`, then `trunk`, then a linear `head`."""

    point: PointFeatures
    head: nn.Linear
    settings: NetworkSettings

    @abstractmethod
    def context(self, time: Tensor, condition: Tensor, keep: Tensor | None = None) -> Context:
        """Whatever the trunk needs of time features (M, 2) and condition (M or 1, C).

        Args:
            time: Time features, M rows or one.
            condition: Standardised conditions, M rows or one.
            keep: One for rows that keep their condition, zero for the null label, (M or 1, 1).
        """

    @abstractmethod
    def trunk(self, features: Number, context: Context) -> Number:
        """Hidden units of point features."""

    extra: "ModelFeatures | None" = None
    """The model's features; attached by the flow, which knows coordinates and conditions."""

    def _labels(self, condition: Tensor, keep: Tensor | None) -> list[Tensor]:
        """What `extra` needs of the context: the condition, or its mean where it is dropped."""
        if not self.has_extra:
            return []
        return [condition if keep is None else condition * keep]

    @property
    def has_extra(self) -> bool:
        """Whether a feature map belongs to this network."""
        return bool(self.settings.features or self.settings.given)

    def _input(self, x: Tensor, context: Context) -> Tensor:
        plain = self.point(x)
        if not self.has_extra:
            return plain
        assert self.extra is not None
        return torch.cat([plain, self.extra.value(x, context[-1])], dim=1)

    def _dual_input(self, x: Tensor, context: Context, precision: torch.dtype) -> Dual:
        plain = self.point.dual(x, precision)
        if not self.has_extra:
            return plain
        assert self.extra is not None
        value, slopes = self.extra.dual(x, context[-1])
        return Dual(
            torch.cat([plain.value, value], dim=1),
            torch.cat([plain.tangent, slopes.to(precision)], dim=2),
        )

    def forward(self, x: Tensor, context: Context) -> Tensor:
        """Prediction (N, D) at points (N, D)."""
        output: Tensor = self.head(self.trunk(self._input(x, context), context))
        return output

    def with_diagonal(
        self, x: Tensor, context: Context, precision: torch.dtype = torch.float32
    ) -> tuple[Tensor, Tensor]:
        """Prediction (N, D), and the derivative (N, D) of each component by its own coordinate.

        Args:
            x: Points (N, D).
            context: What `context` gave.
            precision: That of the derivatives; bfloat16 is faster and good to about 1 %.
        """
        features = self._dual_input(x, context, precision)
        return tg.diagonal_linear(self.head, self.trunk(features, context))


class ResidualNetwork(Network):
    """Residual perceptron with feature-wise conditioning (FiLM, arXiv:1709.07871).

    h <- h + W2 silu((1 + g) * W1 h + c), with g and c linear in the embedding of time and
    condition. Each block starts as the identity.
    """

    def __init__(self, periodic: Tensor, condition_dim: int, settings: NetworkSettings) -> None:
        super().__init__()
        width, inner = settings.width, max(1, round(settings.width * settings.expansion))
        self.point = PointFeatures(periodic, settings.harmonics)
        self.features = ContextFeatures(condition_dim, settings.null)
        size, labels = settings.embedding, max(1, self.features.condition_size)
        self.embed_time = nn.Sequential(
            nn.Linear(self.features.time_size, size), nn.SiLU(), nn.Linear(size, size)
        )
        self.embed_condition = nn.Sequential(
            nn.Linear(labels, size), nn.SiLU(), nn.Linear(size, size)
        )
        self.film = nn.ModuleList([nn.Linear(size, 2 * inner) for _ in range(settings.blocks)])
        self.settings = settings
        size_in = self.point.size + (settings.extra_size)
        self.entry = nn.Linear(size_in, width)
        self.inner = nn.ModuleList([nn.Linear(width, inner) for _ in range(settings.blocks)])
        self.outer = nn.ModuleList([nn.Linear(inner, width) for _ in range(settings.blocks)])
        self.last = nn.Parameter(torch.zeros(width))
        self.head = nn.Linear(width, len(periodic))
        for layer in (*self.outer, self.head):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def context(self, time: Tensor, condition: Tensor, keep: Tensor | None = None) -> Context:
        """Scale and shift of each block, (M or 1, 2 inner)."""
        labels = self.features.condition(condition, keep)
        if labels.shape[1] == 0:
            labels = labels.new_zeros(len(labels), 1)
        embedding = nn.functional.silu(
            self.embed_time(self.features.time(time)) + self.embed_condition(labels)
        )
        return [film(embedding) for film in self.film] + self._labels(condition, keep)

    def trunk(self, features: Number, context: Context) -> Number:
        """Entry layer, then the blocks."""
        hidden = tg.linear(self.entry, features)
        films = context[: len(self.inner)]
        blocks = zip(_linears(self.inner), _linears(self.outer), films, strict=True)
        for inner, outer, film in blocks:
            gain, offset = film.chunk(2, dim=-1)
            branch = tg.activate(tg.linear(inner, hidden), tg.silu, offset, 1 + gain)
            hidden = tg.add_linear(hidden, outer, branch)
        return tg.activate(hidden, tg.silu, self.last)


class HourGlassNetwork(Network):
    """The hour-glass network of arXiv:2503.21432.

    Hidden layers H1..H7, narrowest in the middle; SELU in all but the last, which has tanh;
    identity output. Labels and time enter every hidden layer, here as a linear term before its
    activation.
    """

    def __init__(self, periodic: Tensor, condition_dim: int, settings: NetworkSettings) -> None:
        super().__init__()
        self.point = PointFeatures(periodic, settings.harmonics)
        self.features = ContextFeatures(condition_dim, settings.null)
        extra = self.features.time_size + self.features.condition_size
        self.settings = settings
        size_in = self.point.size + (settings.extra_size)
        sizes: Sequence[int] = (size_in, *settings.widths)
        self.layers = nn.ModuleList([nn.Linear(a, b) for a, b in pairwise(sizes)])
        self.entries = nn.ModuleList([nn.Linear(extra, b, bias=False) for b in sizes[1:]])
        self.head = nn.Linear(sizes[-1], len(periodic))
        for layer in _linears(self.layers):  # LeCun normal: what SELU asks for
            nn.init.normal_(layer.weight, std=layer.in_features**-0.5)
            nn.init.zeros_(layer.bias)

    def context(self, time: Tensor, condition: Tensor, keep: Tensor | None = None) -> Context:
        """The linear term of every hidden layer."""
        labels = self.features.condition(condition, keep)
        moments = self.features.time(time)
        rows = max(len(labels), len(moments))
        both = torch.cat([moments.expand(rows, -1), labels.expand(rows, -1)], dim=1)
        return [entry(both) for entry in self.entries] + self._labels(condition, keep)

    def trunk(self, features: Number, context: Context) -> Number:
        """Seven layers."""
        hidden = features
        last = len(self.layers) - 1
        offsets = context[: len(self.layers)]
        for index, (layer, offset) in enumerate(zip(_linears(self.layers), offsets, strict=True)):
            rule = tg.tanh if index == last else tg.selu
            hidden = tg.activate(tg.linear(layer, hidden), rule, offset)
        return hidden


def make_network(periodic: Tensor, condition_dim: int, settings: NetworkSettings) -> Network:
    """Build a network for points with the given periodic coordinates (D,)."""
    kinds = {"residual": ResidualNetwork, "hour-glass": HourGlassNetwork}
    return kinds[settings.kind](periodic, condition_dim, settings)
