"""Many small classifiers trained together, for tests that need folds or permuted copies.

E multilayer perceptrons of one shape see the same points with their own labels and row weights, and
are trained in one batched matrix product a layer: five folds, or a hundred permuted copies, cost a
few times one. Row weights carry importance weights, and zeros that hide a fold.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class ClassifierSettings:
    """How the classifiers are trained.

    Attributes:
        hidden: Widths of the hidden layers.
        epochs: Passes over the points.
        batch: Points a step.
        rate: Largest learning rate of AdamW, falling to zero along a cosine.
        decay: Its weight decay.
    """

    hidden: tuple[int, ...] = (64, 64)
    epochs: int = 40
    batch: int = 512
    rate: float = 4e-3
    decay: float = 1e-3


class Classifiers:
    """E trained networks; `probability` evaluates them all."""

    def __init__(self, layers: "list[tuple[torch.Tensor, torch.Tensor]]") -> None:
        self._layers = layers

    def probability(self, features: np.ndarray) -> np.ndarray:
        """Probability of label one, (E, n), at features (n, F)."""
        import torch

        from ..flows.torch_threads import one_thread

        with one_thread(), torch.no_grad():
            x = torch.as_tensor(np.ascontiguousarray(features), dtype=torch.float32)
            parts = [_logits(self._layers, part).sigmoid() for part in x.split(8192)]
        return torch.cat(parts, dim=1).double().numpy()


def train(
    features: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray,
    validation: np.ndarray | None,
    settings: ClassifierSettings,
    seed: int,
) -> Classifiers:
    """Train E networks by weighted cross-entropy.

    Args:
        features: (n, F), standardised.
        labels: 0 or 1, (E, n), or (n,) for the same in all networks.
        weights: Training weights (E, n) or (n,); zero hides a row.
        validation: Validation weights, likewise; the kept state of each network is the one with the
            smallest loss on these. Without them it is the last.
        settings: See `ClassifierSettings`.
        seed: Seed of the initial weights and the batches; PyTorch's global state is not touched.
    """
    import torch

    from ..flows.torch_threads import one_thread

    with one_thread():
        early = validation is not None
        rows_of = (labels, weights, weights if validation is None else validation)
        count = max([a.shape[0] for a in rows_of if a.ndim == 2], default=1)
        n, width = features.shape
        x, target, use, check = (
            torch.tensor(array, dtype=torch.float32)
            for array in (features, *(np.broadcast_to(a, (count, n)) for a in rows_of))
        )
        use = use / use.mean(dim=1, keepdim=True)
        check = check / check.sum(dim=1, keepdim=True)
        random = torch.Generator().manual_seed(seed)
        sizes = (width, *settings.hidden, 1)
        layers = []
        for fan_in, fan_out in pairwise(sizes):
            matrix = torch.randn(count, fan_in, fan_out, generator=random) * (2 / fan_in) ** 0.5
            if fan_out == 1:
                matrix *= 0.1  # start undecided
            layers.append(
                (matrix.requires_grad_(), torch.zeros(count, 1, fan_out).requires_grad_())
            )
        parameters = [tensor for layer in layers for tensor in layer]
        optimiser = torch.optim.AdamW(parameters, lr=settings.rate, weight_decay=settings.decay)
        batch = min(settings.batch, n)
        steps = settings.epochs * (n // batch)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
        loss_of = torch.nn.functional.binary_cross_entropy_with_logits
        best_loss = torch.full((count,), torch.inf)
        best = [tensor.detach().clone() for tensor in parameters]
        for epoch in range(settings.epochs):
            order = torch.randperm(n, generator=random)
            for rows in order[: n // batch * batch].split(batch):
                logits = _logits(layers, x[rows])
                loss = loss_of(logits, target[:, rows], weight=use[:, rows], reduction="none")
                optimiser.zero_grad(set_to_none=True)
                loss.mean(dim=1).sum().backward()
                optimiser.step()
                schedule.step()
            if not early and epoch < settings.epochs - 1:
                continue
            with torch.no_grad():
                seen = torch.nonzero(check.sum(dim=0))[:, 0]
                losses = loss_of(_logits(layers, x[seen]), target[:, seen], reduction="none")
                losses = (losses * check[:, seen]).sum(dim=1)
                better = losses < best_loss
                best_loss = torch.where(better, losses, best_loss)
                for kept, now in zip(best, parameters, strict=True):
                    kept[better] = now.detach()[better]
        return Classifiers(list(zip(best[::2], best[1::2], strict=True)))


def _logits(layers: "list[tuple[torch.Tensor, torch.Tensor]]", x: "torch.Tensor") -> "torch.Tensor":
    """Logits (E, n) of points (n, F)."""
    import torch

    hidden = x.expand(layers[0][0].shape[0], *x.shape)
    for index, (matrix, bias) in enumerate(layers):
        if index:
            hidden = torch.nn.functional.silu(hidden)
        hidden = torch.baddbmm(bias, hidden, matrix)
    return hidden[..., 0]
