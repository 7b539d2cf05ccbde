"""Training of a small network: Adam on a cosine, averaged weights, resumable to the same bytes.

With simulations held out the network ends with those averaged weights that do best on them, and
training stops once it has not become better for a while.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ..base.files import kept_arrays, save_arrays
from ..flows.torch_threads import one_thread

EVERY = 500
"""Steps between checkpoints."""
LOOK, PATIENCE = 50, 20
"""Steps between looks at what is held out, and looks without gain after which training stops."""
LARGEST_DECAY = 0.995
_MOMENTS = ("step", "exp_avg", "exp_avg_sq")


@one_thread()
def train_small(
    network: nn.Module,
    loss_at: Callable[[int], Tensor],
    steps: int,
    learning_rate: float,
    checkpoint: Path | None = None,
    mark: str = "",
    held_out: Callable[[], Tensor] | None = None,
) -> list[float]:
    """Train in place; the network ends with its averaged weights.

    Args:
        network: What is trained.
        loss_at: Loss of step k; all its randomness must come from k.
        steps: Steps.
        learning_rate: The largest.
        checkpoint: File (``.npz``) to keep the state in and to resume from.
        mark: Fingerprint of data and settings; a checkpoint of another run is not used.
        held_out: Loss of the network as it is on held-out simulations; without it the last averaged
            weights are taken.

    Returns:
        The loss of every hundredth step.
    """
    weights = list(network.parameters())
    average = [weight.detach().clone() for weight in weights]
    optimiser = torch.optim.AdamW(weights, lr=learning_rate)
    losses: list[float] = []
    best = _Best(weights, average, held_out)
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
        best.take(kept)
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
        if (step + 1) % LOOK == 0 and best.look(step + 1):
            break
        if checkpoint is not None and (step + 1) % EVERY == 0:
            arrays = {"mark": np.array(mark), "steps": np.array(step + 1)}
            arrays["losses"] = np.array(losses)
            arrays |= best.arrays()
            for i, weight in enumerate(weights):
                arrays[f"weight.{i}"] = weight.detach().numpy()
                arrays[f"average.{i}"] = average[i].numpy()
                for name in _MOMENTS:
                    arrays[f"{name}.{i}"] = optimiser.state[weight][name].numpy()
            save_arrays(checkpoint, **arrays)
    best.look(steps)
    with torch.no_grad():
        for own, now in zip(best.weights or average, weights, strict=True):
            now.copy_(own)
    return losses


class _Best:
    """The averaged weights that did best on what is held out."""

    def __init__(
        self,
        current: list[nn.Parameter],
        average: list[Tensor],
        held_out: Callable[[], Tensor] | None,
    ) -> None:
        self.current, self.average, self.held_out = current, average, held_out
        self.weights: list[Tensor] = []
        self.loss, self.step = float("inf"), 0

    def look(self, step: int) -> bool:
        """Compare the averaged weights after so many steps; whether it is time to stop."""
        if self.held_out is None:
            return False
        moving = [weight.detach().clone() for weight in self.current]
        with torch.no_grad():
            for weight, own in zip(self.current, self.average, strict=True):
                weight.copy_(own)
            loss = float(self.held_out())
            for weight, own in zip(self.current, moving, strict=True):
                weight.copy_(own)
        if loss < self.loss:
            self.loss, self.step = loss, step
            self.weights = [own.clone() for own in self.average]
        return step - self.step >= PATIENCE * LOOK

    def arrays(self) -> dict[str, np.ndarray]:
        """For a checkpoint."""
        kept = {f"best.{i}": own.numpy() for i, own in enumerate(self.weights)}
        return kept | {"best_loss": np.array(self.loss), "best_step": np.array(self.step)}

    def take(self, kept: dict[str, np.ndarray]) -> None:
        """What `arrays` gave."""
        self.loss, self.step = float(kept["best_loss"]), int(kept["best_step"])
        count = sum(name.startswith("best.") for name in kept)
        self.weights = [torch.from_numpy(kept[f"best.{i}"]) for i in range(count)]
