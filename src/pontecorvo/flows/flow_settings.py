"""What defines a flow and its training: settings, learning rates, the record of what happened."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import torch

from ..base.errors import InputError, suggest
from .networks import NetworkSettings
from .noise_schedules import Path, make_path

SCHEDULES = ["cosine", "one-cycle", "constant"]
PRECISIONS = ["auto", "float32", "bfloat16"]


@dataclass(frozen=True)
class FlowSettings:
    """Everything that defines an untrained flow.

    Attributes:
        path: Settings of `paths.make_path`: its ``name`` and more.
        prediction: ``velocity``, ``noise``, ``score`` or ``data`` (`denoiser`).
        network: Which network.
        coordinates: ``probit``, ``logit`` or ``affine`` (`coordinates`).
        whitening: ``diagonal``, ``full`` or ``none``.
        model_guidance: Largest guidance scale that training teaches the network (one evaluation a
            step at any scale from one to this), or None: guidance by two evaluations.
        centred: Give conditions zero mean (`conditions`).
    """

    path: Mapping[str, Any] = field(default_factory=lambda: {"name": "flow-matching"})
    prediction: str = "velocity"
    network: NetworkSettings = field(default_factory=NetworkSettings)
    coordinates: str = "probit"
    whitening: str = "diagonal"
    model_guidance: float | None = None
    centred: bool = True

    def __post_init__(self) -> None:
        if self.model_guidance is not None and not 1 < self.model_guidance <= 100:
            raise InputError(
                f"model_guidance {self.model_guidance}: the largest scale must lie in (1, 100]"
            )

    def make_path(self) -> Path:
        """The noise schedule."""
        settings = dict(self.path)
        return make_path(settings.pop("name", "flow-matching"), **settings)

    def describe(self) -> dict[str, Any]:
        """As plain JSON types."""
        about = {
            "path": self.make_path().describe(),
            "prediction": self.prediction,
            "network": self.network.describe(),
            "coordinates": self.coordinates,
            "whitening": self.whitening,
            "model_guidance": self.model_guidance,
        }
        return about if self.centred else about | {"centred": False}  # as cards before had it


@dataclass(frozen=True)
class TrainSettings:
    """How to train.

    Attributes:
        steps: Number of optimiser steps at most.
        batch: Examples a step.
        learning_rate: The largest learning rate.
        schedule: ``cosine`` (after `warmup` steps; arXiv:1608.03983), ``one-cycle``
            (arXiv:1708.07120, PyTorch's defaults) or ``constant``.
        warmup: Steps of linear increase before the cosine or the constant.
        weight_decay: Decoupled weight decay (AdamW, arXiv:1711.05101).
        ema: Decay of the average of the weights, which is what is kept.
        clip: Largest norm of the gradient.
        dropout: Fraction of examples that lose their condition (needed by guidance).
        model_guidance_from: Fraction of the steps after which model guidance sets in.
        precision: ``bfloat16`` autocast, ``float32``, or ``auto``: bfloat16 where the processor
            multiplies it natively.
        validate_every: Steps between validations.
        patience: Stop after this many validations without improvement, keeping the best; None:
            never stop early, keep the last.
        checkpoint_every: Steps between checkpoints.
        seed: Seed of everything random in the training.
    """

    steps: int = 10_000
    batch: int = 1024
    learning_rate: float = 1e-3
    schedule: str = "cosine"
    warmup: int = 200
    weight_decay: float = 0.0
    ema: float = 0.999
    clip: float = 1.0
    dropout: float = 0.1
    model_guidance_from: float = 0.1
    precision: str = "auto"
    validate_every: int = 500
    patience: int | None = None
    checkpoint_every: int = 1000
    seed: int = 0

    def __post_init__(self) -> None:
        if self.schedule not in SCHEDULES:
            raise InputError(
                f"training schedule {self.schedule!r} is unknown; "
                f"{suggest(self.schedule, SCHEDULES)}"
            )
        if self.precision not in PRECISIONS:
            raise InputError(
                f"training precision {self.precision!r} is unknown; "
                f"{suggest(self.precision, PRECISIONS)}"
            )
        counts = {
            "steps": self.steps,
            "batch": self.batch,
            "validate_every": self.validate_every,
            "checkpoint_every": self.checkpoint_every,
        }
        for name, value in counts.items():
            if not (isinstance(value, int) and value >= 1):
                raise InputError(f"training {name} = {value!r}: give a whole number from 1")
        if not (0 <= self.dropout < 1 and 0 <= self.ema < 1):
            raise InputError(
                f"training dropout {self.dropout}, ema {self.ema}: both must lie in [0, 1)"
            )
        if not (self.learning_rate > 0 and self.clip > 0):
            raise InputError(
                f"training learning_rate {self.learning_rate}, clip {self.clip}: "
                "both must be positive"
            )

    def rate(self, step: int) -> tuple[float, float]:
        """Learning rate and Adam's beta_1 at a step."""
        if self.schedule == "one-cycle":
            peak, last = 0.3 * self.steps - 1, self.steps - 1
            if step <= peak:
                share = _cosine(step / peak) if peak > 0 else 1.0
                return self.learning_rate * (1 / 25 + share * (1 - 1 / 25)), 0.95 - 0.1 * share
            share = _cosine((step - peak) / (last - peak)) if last > peak else 1.0
            floor = 1 / 25 / 1e4
            return self.learning_rate * (1 + share * (floor - 1)), 0.85 + 0.1 * share
        rise = min(1.0, (step + 1) / max(1, self.warmup))
        fall = 1.0
        if self.schedule == "cosine":
            span = max(1, self.steps - self.warmup)
            fall = 1 - _cosine(min(1.0, max(0, step - self.warmup) / span))
        return self.learning_rate * rise * fall, 0.9

    def resolved_precision(self) -> str:
        """``float32`` or ``bfloat16``."""
        return resolved_precision(self.precision)


def resolved_precision(precision: str) -> str:
    """``float32`` or ``bfloat16``; ``auto`` is bfloat16 where the processor multiplies it natively.

    Elsewhere PyTorch emulates it, several times slower than float32.
    """
    if precision != "auto":
        return precision
    native = getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", None)
    return "bfloat16" if native is not None and native() else "float32"


def _cosine(share: float) -> float:
    return (1 - math.cos(math.pi * share)) / 2


@dataclass
class History:
    """What happened: one row a validation; `recent` is the running mean of the loss."""

    rows: list[dict[str, float]] = field(default_factory=list)
    best: float = math.inf
    best_step: int = 0
    stale: int = 0
    finished: bool = False
    stopped_at: int = 0
    recent: float = 0.0

    def describe(self) -> dict[str, Any]:
        """As plain JSON types."""
        return asdict(self)
