"""The training loop: plain, resumable, and the same bytes whenever it was interrupted.

All randomness of step k (batch, times, noise, dropped conditions) comes from a stream named by the
seed and k, so a checkpoint holds tensors and a few numbers, never the state of a generator.
"""

import json
import math
import time
from collections.abc import Callable
from contextlib import nullcontext
from copy import deepcopy
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from ..base.errors import InputError
from ..base.files import atomic_path, fingerprint
from ..base.seeds import stream
from .denoiser import Denoiser
from .flow_settings import History, TrainSettings
from .guidance import model_guidance_change
from .live_table import TrainingTable
from .noise_schedules import draw_noise, wrap


class Batches(Protocol):
    """Training data in the flow's coordinates."""

    def batch(self, step: int, n: int) -> tuple[Tensor, Tensor]:
        """Points (n, D) and standardised conditions (n, C) of a step; the same at every call."""


def example_losses(
    model: Denoiser,
    average: Denoiser,
    data: Tensor,
    condition: Tensor,
    rng: torch.Generator,
    dropout: float,
    largest_guidance: float | None = None,
) -> Tensor:
    """Losses (N,) of one batch, with its times, noise and dropped conditions drawn from `rng`.

    Args:
        model: The network to be trained.
        average: Its average, which gives model guidance its target.
        data: Points (N, D).
        condition: Standardised conditions (N, C).
        rng: The batch's own stream.
        dropout: Fraction of conditions dropped.
        largest_guidance: Model guidance at scales log-uniform from one to this; None: none.
    """
    n = len(data)
    path, periodic = model.path, model.periodic
    offsets = (torch.arange(n) + torch.rand(n, generator=rng)) / n  # stratified: less noise
    u = offsets[torch.randperm(n, generator=rng)].double().clamp_min(1e-6)
    s = path.training_time(u)
    noise = draw_noise((n, data.shape[1]), path, periodic, rng)
    keep = (torch.rand(n, 1, generator=rng) >= dropout).float()
    if not model.guidance_input:
        return model.loss(data, noise, s, condition, keep)
    log_scale = torch.rand(n, generator=rng) * math.log(largest_guidance or 1.0)
    extra = None
    if largest_guidance is not None:
        level = model.level(s)
        x = wrap(level.a * data + level.b * noise, periodic)
        extra = model_guidance_change(average, x, s, condition, keep, torch.exp(log_scale))
    return model.loss(data, noise, s, condition, keep, log_scale, extra)


class Trainer:
    """One training run.

    Args:
        model: The network; holds the averaged weights when `run` returns.
        data: Batches.
        validation: Points and conditions held out, or None.
        settings: How to train.
        largest_guidance: Largest scale of model guidance, or None.
        checkpoint: File to keep and to resume from, or None.
        identity: Description of data and settings; a checkpoint of another run is refused.
        monitor: Called at each validation with the model at its averaged weights; what it returns
            is shown and kept in the history.
    """

    def __init__(
        self,
        model: Denoiser,
        data: Batches,
        validation: tuple[Tensor, Tensor] | None,
        settings: TrainSettings,
        largest_guidance: float | None = None,
        checkpoint: Path | None = None,
        identity: Any = None,
        monitor: Callable[[], dict[str, float]] | None = None,
    ) -> None:
        self.model = model
        self.average = deepcopy(model)
        self.average.requires_grad_(False)
        self.best: dict[str, Tensor] = {}
        self.data = data
        self.validation = validation
        self.settings = settings
        self.largest_guidance = largest_guidance
        self.checkpoint = checkpoint
        self.identity = fingerprint([identity, asdict(settings)])
        self.monitor = monitor
        self.history = History()
        self.step = 0
        self.parameters = list(model.parameters())
        self.optimiser = torch.optim.AdamW(
            self.parameters,
            lr=settings.learning_rate,
            weight_decay=settings.weight_decay,
            betas=(0.9, 0.999),
            fused=True,
        )
        self.low_precision = settings.resolved_precision() == "bfloat16"

    def run(self, show: bool | None = None) -> History:
        """Train to the end, from the checkpoint where there is one."""
        if self.checkpoint is not None and self.checkpoint.exists():
            self._resume(self.checkpoint)
        settings = self.settings
        started, first = time.perf_counter(), self.step
        with TrainingTable(settings.steps, show) as table:
            while self.step < settings.steps and not self.history.finished:
                loss = self._advance()
                recent = loss if self.step == 1 else 0.99 * self.history.recent + 0.01 * loss
                self.history.recent = recent
                due = self.step % settings.validate_every == 0 or self.step == settings.steps
                if due:
                    speed = (self.step - first) * settings.batch / (time.perf_counter() - started)
                    table.row(self._validate(recent), speed)
                elif self.step % 20 == 0:
                    speed = (self.step - first) * settings.batch / (time.perf_counter() - started)
                    table.advance(self.step, recent, speed)
                if self.checkpoint is not None and (
                    self.step % settings.checkpoint_every == 0 or self.step == settings.steps
                ):
                    self._save(self.checkpoint)
        self.history.finished = True
        self.history.stopped_at = self.step
        self.model.load_state_dict(self.best if self.best else self.average.state_dict())
        return self.history

    def _advance(self) -> float:
        settings = self.settings
        data, condition = self.data.batch(self.step, settings.batch)
        rng = torch.Generator().manual_seed(
            int(stream(settings.seed, "train", self.step).integers(2**63))
        )
        rate, momentum = settings.rate(self.step)
        for group in self.optimiser.param_groups:
            group["lr"], group["betas"] = rate, (momentum, 0.999)
        guided = self.step >= settings.model_guidance_from * settings.steps
        with self._precision():
            loss = example_losses(
                self.model,
                self.average,
                data,
                condition,
                rng,
                settings.dropout,
                self.largest_guidance if guided else None,
            ).mean()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.parameters, settings.clip)
        value = loss.item()
        if not math.isfinite(value) or not math.isfinite(float(norm)):
            raise InputError(
                f"training: the loss became {value} at step {self.step}; check the data for values "
                "that are not numbers, or lower learning_rate"
            )
        self.optimiser.step()
        decay = min(settings.ema, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            torch._foreach_lerp_(
                tuple(self.average.parameters()), tuple(self.parameters), 1 - decay
            )
        self.step += 1
        return value

    def _precision(self) -> Any:
        return torch.autocast("cpu", torch.bfloat16) if self.low_precision else nullcontext()

    def _validate(self, recent: float) -> dict[str, float]:
        row = {"step": float(self.step), "loss": recent}
        if self.validation is not None:
            value = self.validation_loss()
            row["validation"] = value
            improved = value < self.history.best
            if improved:
                self.history.best, self.history.best_step, self.history.stale = value, self.step, 0
                if self.settings.patience is not None:
                    state = self.average.state_dict()
                    self.best = {name: tensor.clone() for name, tensor in state.items()}
            else:
                self.history.stale += 1
            patience = self.settings.patience
            self.history.finished = patience is not None and self.history.stale >= patience
        if self.monitor is not None:
            own = {name: tensor.clone() for name, tensor in self.model.state_dict().items()}
            self.model.load_state_dict(self.average.state_dict())
            try:
                row.update({name: float(value) for name, value in self.monitor().items()})
            finally:
                self.model.load_state_dict(own)
        self.history.rows.append(row)
        return row

    def validation_loss(self) -> float:
        """Mean loss of the averaged weights on the held-out examples, at fixed times and noise."""
        assert self.validation is not None
        data, condition = self.validation
        rng = torch.Generator().manual_seed(
            int(stream(self.settings.seed, "valid").integers(2**63))
        )
        total, chunk = 0.0, 4096
        with torch.no_grad(), self._precision():
            for start in range(0, len(data), chunk):
                part = slice(start, start + chunk)
                losses = example_losses(
                    self.average, self.average, data[part], condition[part], rng, 0.0
                )
                total += float(losses.sum())
        return total / len(data)

    def _save(self, path: Path) -> None:
        from safetensors.torch import save_file

        tensors = {f"model.{k}": v for k, v in self.model.state_dict().items()}
        tensors |= {f"average.{k}": v for k, v in self.average.state_dict().items()}
        tensors |= {f"best.{k}": v for k, v in self.best.items()}
        for index, parameter in enumerate(self.parameters):
            state = self.optimiser.state[parameter]
            for key in ("exp_avg", "exp_avg_sq"):
                tensors[f"optimiser.{index}.{key}"] = state[key]
        about = {
            "identity": self.identity,
            "step": self.step,
            "history": self.history.describe(),
        }
        with atomic_path(path) as temporary:
            save_file(
                {k: v.contiguous().clone() for k, v in tensors.items()},
                temporary,
                metadata={"about": json.dumps(about)},
            )

    def _resume(self, path: Path) -> None:
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(path, framework="pt") as content:
                about = json.loads((content.metadata() or {})["about"])
                tensors = {name: content.get_tensor(name) for name in content.keys()}  # noqa: SIM118
            if about["identity"] != self.identity:
                raise InputError(
                    f"checkpoint {path}: belongs to other data or settings; remove it, or give "
                    "another path"
                )
            self.model.load_state_dict(_part(tensors, "model."))
            self.average.load_state_dict(_part(tensors, "average."))
            self.best = _part(tensors, "best.")
            self.step = int(about["step"])
            self.history = History(**about["history"])
            for index, parameter in enumerate(self.parameters):
                self.optimiser.state[parameter] = {
                    "step": torch.tensor(float(self.step)),
                    "exp_avg": tensors[f"optimiser.{index}.exp_avg"],
                    "exp_avg_sq": tensors[f"optimiser.{index}.exp_avg_sq"],
                }
        except (SafetensorError, KeyError, ValueError, TypeError, RuntimeError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(
                f"checkpoint {path}: is damaged; remove it to train from the start"
            ) from None


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
