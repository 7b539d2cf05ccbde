"""Training of a small network: Adam on a cosine, averaged weights, resumable to the same bytes."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ...base.files import kept_arrays, save_arrays
from ..generative.threads import one_thread

EVERY = 500
"""Steps between checkpoints."""
LARGEST_DECAY = 0.995
_MOMENTS = ("step", "exp_avg", "exp_avg_sq")


def train_small(
    network: nn.Module,
    loss_at: Callable[[int], Tensor],
    steps: int,
    learning_rate: float,
    checkpoint: Path | None = None,
    mark: str = "",
) -> list[float]:
    """Train in place; the network ends with its averaged weights.

    Args:
        network: What is trained.
        loss_at: Loss of step k; all its randomness must come from k.
        steps: Steps.
        learning_rate: The largest.
        checkpoint: File (``.npz``) to keep the state in and to resume from.
        mark: Fingerprint of data and settings; a checkpoint of another run is not used.

    Returns:
        The loss of every hundredth step.
    """
    with one_thread():
        return _train(network, loss_at, steps, learning_rate, checkpoint, mark)


def _train(
    network: nn.Module,
    loss_at: Callable[[int], Tensor],
    steps: int,
    learning_rate: float,
    checkpoint: Path | None,
    mark: str,
) -> list[float]:
    weights = list(network.parameters())
    average = [weight.detach().clone() for weight in weights]
    optimiser = torch.optim.AdamW(weights, lr=learning_rate)
    losses: list[float] = []
    first = 0
    kept = None if checkpoint is None else kept_arrays(checkpoint)
    if kept is not None and str(kept.get("mark")) == mark:
        first, losses = int(kept["steps"]), kept["losses"].tolist()
        with torch.no_grad():
            for i, weight in enumerate(weights):
                weight.copy_(torch.from_numpy(kept[f"weight.{i}"]))
                average[i].copy_(torch.from_numpy(kept[f"average.{i}"]))
                optimiser.state[weight] = {
                    name: torch.from_numpy(kept[f"{name}.{i}"]) for name in _MOMENTS
                }
    for step in range(first, steps):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate * 0.5 * (1 + np.cos(np.pi * step / steps))
        loss = loss_at(step)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
        decay = min(LARGEST_DECAY, (1 + step) / (10 + step))
        with torch.no_grad():
            for own, now in zip(average, weights, strict=True):
                own.lerp_(now, 1 - decay)
        if step % 100 == 0:
            losses.append(float(loss.detach()))
        if checkpoint is not None and (step + 1) % EVERY == 0:
            arrays = {"mark": np.array(mark), "steps": np.array(step + 1)}
            arrays["losses"] = np.array(losses)
            for i, weight in enumerate(weights):
                arrays[f"weight.{i}"] = weight.detach().numpy()
                arrays[f"average.{i}"] = average[i].numpy()
                for name in _MOMENTS:
                    arrays[f"{name}.{i}"] = optimiser.state[weight][name].numpy()
            save_arrays(checkpoint, **arrays)
    with torch.no_grad():
        for own, now in zip(average, weights, strict=True):
            now.copy_(own)
    return losses
