"""SNPE-C (automatic posterior transformation, arXiv:1905.07488) from the package `sbi`, an extra.

A normalising flow on the unit cube of a prior has its density and its draws in one pass. In one
round it is amortised. In more rounds simulations come from the last posterior at the observed
data, and the atomic loss accounts for that.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base.errors import InputError
from ..base.seeds import stream

LEAST = 1000
"""Draws by which the share of a flow that leaves the cube is known."""


def require_sbi() -> Any:
    """The package `sbi`.

    Raises:
        InputError: If it is not installed.
    """
    try:
        import sbi
    except ImportError:
        raise InputError(
            "SNPE-C needs the package sbi, which is not installed: pip install 'pontecorvo[sbi]'"
        ) from None
    return sbi


@dataclass(frozen=True)
class SnpeSettings:
    """How SNPE-C is trained.

    Attributes:
        density: Flow of sbi: ``nsf`` (splines), ``maf``, ``zuko_nsf`` ...
        hidden: Width.
        transforms: Number of transforms.
        batch: Simulations a step.
        epochs: Most passes over the simulations.
        learning_rate: Adam's.
        atoms: Atoms of the loss after the first round.
    """

    density: str = "nsf"
    hidden: int = 96
    transforms: int = 5
    batch: int = 512
    epochs: int = 30
    learning_rate: float = 1e-3
    atoms: int = 10


class SnpeC:
    """A conditional density q(u | x) on the unit cube, by sbi's flows.

    Args:
        dim: Number of coordinates D.
        settings: How it is trained.
        seed: Seed of weights and order (set globally: sbi has no stream of its own).

    Raises:
        InputError: If `sbi` is not installed.
    """

    def __init__(self, dim: int, settings: SnpeSettings | None = None, seed: int = 0) -> None:
        require_sbi()
        import torch
        from sbi.inference import NPE_C
        from sbi.neural_nets import posterior_nn
        from sbi.utils import BoxUniform

        self.dim, self.settings, self.seed = dim, settings or SnpeSettings(), seed
        torch.manual_seed(seed)
        self._prior = BoxUniform(torch.zeros(dim), torch.ones(dim))
        network = posterior_nn(
            self.settings.density,
            hidden_features=self.settings.hidden,
            num_transforms=self.settings.transforms,
        )
        self._inference = NPE_C(self._prior, density_estimator=network, show_progress_bars=False)
        self._flow: Any = None
        self._posterior: Any = None

    def fit(self, u: np.ndarray, x: np.ndarray, proposal: Any = None) -> None:
        """Train on points (N, D) and data (N, K), from the prior or from a proposal of `sbi`."""
        import torch

        s = self.settings
        points, rows = torch.from_numpy(np.asarray(u)).float(), torch.from_numpy(np.asarray(x))
        self._inference.append_simulations(points, rows.float(), proposal=proposal)
        extra = {} if proposal is None else {"num_atoms": s.atoms}
        estimator = self._inference.train(
            training_batch_size=s.batch,
            learning_rate=s.learning_rate,
            max_num_epochs=s.epochs,
            stop_after_epochs=5,
            **extra,
        )
        self._flow = estimator
        self._posterior = self._inference.build_posterior(estimator)

    def rounds(
        self,
        simulator: Callable[[np.ndarray, np.random.Generator], np.ndarray],
        observed: np.ndarray,
        simulations: int,
        rounds: int,
    ) -> None:
        """Train for one data set in rounds of simulations from the last posterior.

        Args:
            simulator: ``simulator(u (N, D), rng) -> x (N, K)``.
            observed: The data set (K,).
            simulations: Of each round.
            rounds: How many.
        """
        import torch

        row, proposal = torch.from_numpy(np.asarray(observed)[None]).float(), None
        for number in range(rounds):
            rng = stream(self.seed, "snpe-c", number)
            if proposal is None:
                u = rng.random((simulations, self.dim))
            else:
                u = proposal.sample((simulations,), show_progress_bars=False).double().numpy()
            self.fit(u, simulator(u, rng), proposal)
            proposal = self._posterior.set_default_x(row)

    def sample(self, x: np.ndarray, n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """n draws (T, n, D) at each of T data sets (T, K), and their log-density (T, n).

        Draws of the flow outside the cube are drawn again; their share is divided out.
        """
        import torch

        torch.manual_seed(seed)
        u, share = self._inside(x, n)
        with torch.no_grad():
            rows = torch.from_numpy(x).float()
            own = self._flow.log_prob(u, condition=rows).double().numpy().T
        return np.moveaxis(u.double().numpy(), 0, 1), own - np.log(share)[:, None]

    def _inside(self, x: np.ndarray, n: int) -> tuple[Any, np.ndarray]:
        """n draws (n, T, D) of the flow in the cube, and the share (T,) that is inside."""
        import torch

        rows = torch.from_numpy(x).float()
        kept: list[list[Any]] = [[] for _ in rows]
        inside, drawn = np.zeros(len(rows), int), 0
        while inside.min() < n:
            with torch.no_grad():
                unit = self._flow.sample((max(n, LEAST),), condition=rows)
            good = ((unit >= 0) & (unit <= 1)).all(dim=-1)
            for t, own in enumerate(kept):
                own.append(unit[good[:, t], t])
            inside, drawn = inside + good.sum(dim=0).numpy(), drawn + len(unit)
            if drawn > 1000 * max(n, LEAST):
                raise InputError("SNPE-C: hardly any draw lies in the prior; train it for longer")
        return torch.stack([torch.cat(own)[:n] for own in kept], dim=1), inside / drawn

    def share_inside(self, x: np.ndarray) -> np.ndarray:
        """Share (T,) of the flow inside the cube at each of T data sets (T, K)."""
        import torch

        torch.manual_seed(0)
        return self._inside(x, 1)[1]

    def log_density(self, u: np.ndarray, x: np.ndarray) -> np.ndarray:
        """Log-density (N,) at points (N, D) and one data set (K,), leakage not divided out."""
        import torch

        with torch.no_grad():
            points = torch.from_numpy(u).float()[:, None]
            row = torch.from_numpy(x[None]).float()
            return np.asarray(self._flow.log_prob(points, condition=row)[:, 0].double().numpy())
