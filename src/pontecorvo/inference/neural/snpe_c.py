"""SNPE-C (automatic posterior transformation, arXiv:1905.07488) from the package `sbi`, an extra.

A normalising flow has its density and its draws in one pass, which makes it the quickest at the
MAP. In one round it is amortised; in more rounds simulations come from the last posterior at the
measured data, and the atomic loss accounts for that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...base.errors import InputError
from ...base.seeds import stream
from .embedding import Embedding
from .posterior import LOG_AREA, NeuralDraws
from .simulated import Bank, from_cube, simulate, to_cube

TITLE = "SNPE-C (sbi)"


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
    """A posterior of SNPE-C on the sterile plane.

    Args:
        embedding: What it reads of the data.
        settings: How it is trained.
        seed: Seed of weights and order (set globally: sbi has no stream of its own).
    """

    def __init__(
        self, embedding: Embedding, settings: SnpeSettings | None = None, seed: int = 0
    ) -> None:
        require_sbi()
        import torch
        from sbi.inference import NPE_C
        from sbi.neural_nets import posterior_nn
        from sbi.utils import BoxUniform

        self.embedding, self.settings, self.seed = embedding, settings or SnpeSettings(), seed
        torch.manual_seed(seed)
        self._prior = BoxUniform(torch.zeros(2), torch.ones(2))
        network = posterior_nn(
            self.settings.density,
            hidden_features=self.settings.hidden,
            num_transforms=self.settings.transforms,
        )
        self._inference = NPE_C(self._prior, density_estimator=network, show_progress_bars=False)
        self._posterior: Any = None

    def fit(self, bank: Bank, proposal: Any = None) -> None:
        """Train on simulations, from the prior or from a proposal of `sbi`."""
        import torch

        s = self.settings
        u = torch.from_numpy(bank.u).float()
        rows = torch.from_numpy(np.asarray(bank.rows)).float()
        self._inference.append_simulations(u, rows, proposal=proposal)
        extra = {} if proposal is None else {"num_atoms": s.atoms}
        estimator = self._inference.train(
            training_batch_size=s.batch,
            learning_rate=s.learning_rate,
            max_num_epochs=s.epochs,
            stop_after_epochs=5,
            **extra,
        )
        self._posterior = self._inference.build_posterior(estimator)

    def rounds(
        self,
        data: np.ndarray,
        simulations: int,
        rounds: int,
        active: Sequence[str] | None = None,
    ) -> None:
        """Train for one data set (B,) in rounds of simulations from the last posterior."""
        import torch

        maps = self.embedding.maps
        active = maps.check(maps.names if active is None else active)
        row = torch.from_numpy(self.embedding(data, active).rows).float()
        proposal = None
        for number in range(rounds):
            rng = stream(self.seed, "snpe-c", number)
            if proposal is None:
                u = rng.random((simulations, 2))
            else:
                u = proposal.sample((simulations,), show_progress_bars=False).double().numpy()
            _, made = simulate(maps, simulations, rng, from_cube(u))
            self.fit(Bank(u, u, self.embedding(made, active).rows), proposal)
            proposal = self._posterior.set_default_x(row)

    def draw(
        self, data: np.ndarray, n: int, seed: int = 0, active: Sequence[str] | None = None
    ) -> NeuralDraws:
        """n draws at one data set (B,), with their density."""
        import torch

        maps = self.embedding.maps
        row = self.embedding(data, maps.names if active is None else active).rows
        x = torch.from_numpy(row).float()
        torch.manual_seed(seed)
        with torch.no_grad():
            u = self._posterior.sample((n,), x=x, show_progress_bars=False)
            log_q = self._posterior.log_prob(u, x=x, norm_posterior=True)
        return NeuralDraws(from_cube(u.double().numpy()), log_q.double().numpy() - LOG_AREA)

    def draw_many(self, rows: np.ndarray, n: int, seed: int = 0) -> np.ndarray:
        """n draws (T, n, 2) at each of many condition rows (T, C)."""
        import torch

        torch.manual_seed(seed)
        with torch.no_grad():
            x = torch.from_numpy(np.asarray(rows)).float()
            drawn = self._posterior.sample_batched((n,), x=x, show_progress_bars=False)
        return from_cube(np.moveaxis(drawn.double().numpy(), 0, 1))

    def log_density(self, points: np.ndarray, row: np.ndarray) -> np.ndarray:
        """Log-density (N,) at points (N, 2) and one condition row (C,), leakage not divided out."""
        import torch

        with torch.no_grad():
            u = torch.from_numpy(to_cube(points)).float()
            x = torch.from_numpy(np.asarray(row)[None]).float()
            value = self._posterior.log_prob(u, x=x, norm_posterior=False)
        return value.double().numpy() - LOG_AREA
