"""SNPE-C (automatic posterior transformation, arXiv:1905.07488) from the package `sbi`, an extra.

A normalising flow has its density and its draws in one pass. In one round it is amortised, and
works in the chart of the data like the networks of this package. In more rounds simulations come
from the last posterior at the measured data, and the atomic loss accounts for that. Rounds are in
the prior's cube: a chart belongs to one data set, so that a proposal at the measured data is, in
the charts of the data simulated from it, another density for each of them, which the atomic loss
does not know.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ....base.errors import InputError
from ....base.seeds import stream
from .embedding import Embedding, Reading
from .interface import NeuralDraws, PlaneEstimator
from .map_candidates import candidates
from .plane_flows import LOG_AREA, inner
from .simulated import Bank, from_cube, simulate, to_cube

TITLE = "SNPE-C (sbi)"
LEAST = 1000
"""Draws by which the share of a flow that leaves the square is known."""


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
        charted: Whether it works in the chart of the data, or in the prior's cube.
    """

    density: str = "nsf"
    hidden: int = 96
    transforms: int = 5
    batch: int = 512
    epochs: int = 30
    learning_rate: float = 1e-3
    atoms: int = 10
    charted: bool = True


class SnpeC(PlaneEstimator):
    """A posterior of SNPE-C on the sterile plane.

    Attributes:
        kind: ``snpe-c``.

    Args:
        embedding: What it reads of the data.
        settings: How it is trained.
        seed: Seed of weights and order (set globally: sbi has no stream of its own).
    """

    kind = "snpe-c"

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
        self._flow: Any = None
        self._posterior: Any = None

    def fit(self, bank: Bank, proposal: Any = None) -> None:
        """Train on simulations, from the prior or from a proposal of `sbi`."""
        import torch

        s = self.settings
        unit = torch.from_numpy(inner(bank.unit if s.charted else bank.u)).float()
        rows = torch.from_numpy(np.asarray(bank.rows)).float()
        self._inference.append_simulations(unit, rows, proposal=proposal)
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
        data: np.ndarray,
        simulations: int,
        rounds: int,
        active: Sequence[str] | None = None,
    ) -> None:
        """Train for one data set (B,) in rounds of simulations from the last posterior.

        Raises:
            InputError: If it works in the chart.
        """
        import torch

        if self.settings.charted:
            raise InputError("SNPE-C in rounds: works in the prior's cube; give charted=False")
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

    def _to_plane(self, known: Reading, unit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Points (T, N, 2) of the flow on the plane, and what to add to its log-density (T, N)."""
        if not self.settings.charted:
            return from_cube(unit), np.full(unit.shape[:2], -LOG_AREA)
        charted = self.embedding.chart.from_unit(known.maps, unit)
        return charted.points, charted.log_density

    def draw_read(self, known: Reading, n: int, seed: int = 0, nodes: int = 0) -> NeuralDraws:
        """n draws (T, n, 2) at each of T data sets that were read before.

        Draws of the flow outside the square are drawn again; their share is divided out.
        """
        import torch

        torch.manual_seed(seed)
        unit, share = self._inside(known, n)
        with torch.no_grad():
            x = torch.from_numpy(known.rows).float()
            own = self._flow.log_prob(unit, condition=x).double().numpy().T
        places = np.moveaxis(unit.double().numpy(), 0, 1)
        points, more = self._to_plane(known, places)
        return NeuralDraws(points, own - np.log(share)[:, None] + more)

    def _inside(self, known: Reading, n: int) -> tuple[Any, np.ndarray]:
        """n draws (n, T, 2) of the flow in the unit square, and the share (T,) that is inside."""
        import torch

        x = torch.from_numpy(known.rows).float()
        kept: list[list[Any]] = [[] for _ in x]
        inside, drawn = np.zeros(len(x), int), 0
        while inside.min() < n:
            with torch.no_grad():
                unit = self._flow.sample((max(n, LEAST),), condition=x)
            good = ((unit >= 0) & (unit <= 1)).all(dim=-1)
            for t, own in enumerate(kept):
                own.append(unit[good[:, t], t])
            inside, drawn = inside + good.sum(dim=0).numpy(), drawn + len(unit)
            if drawn > 1000 * max(n, LEAST):
                raise InputError("SNPE-C: hardly any draw lies in the prior; train it for longer")
        return torch.stack([torch.cat(own)[:n] for own in kept], dim=1), inside / drawn

    def density_of(
        self,
        points: np.ndarray,
        data: np.ndarray,
        active: Sequence[str] | None = None,
        nodes: int = 0,
    ) -> np.ndarray:
        """Log-density (T,) of point t of (T, 2) at data set t of (T, B), leakage divided out."""
        import torch

        known = self.read(data, active)
        torch.manual_seed(0)
        _, share = self._inside(known, 1)
        every = [
            self.log_density(points[t : t + 1], known.part(slice(t, t + 1)))[0]
            for t in range(len(known))
        ]
        return np.array(every) - np.log(share)

    def log_density(self, points: np.ndarray, known: Reading) -> np.ndarray:
        """Log-density (N,) at points (N, 2) and one data set, leakage not divided out."""
        import torch

        place, more = to_cube(points), np.full(len(points), -LOG_AREA)
        if self.settings.charted:
            charted = self.embedding.chart.to_unit(known.maps, points[None])
            place, more = charted.points[0], charted.log_density[0]
        with torch.no_grad():
            unit = torch.from_numpy(inner(place)).float()[:, None]
            x = torch.from_numpy(known.rows).float()
            own = self._flow.log_prob(unit, condition=x)[:, 0].double().numpy()
        return own + more

    def best(self, known: Reading, keep: int = 64) -> tuple[np.ndarray, float]:
        """MAP (2,) of one data set with its log-density: the best of its highest candidates."""
        points, _ = candidates(self.embedding, known.maps, keep)
        density = self.log_density(points[0], known)
        top = int(density.argmax())
        return points[0, top], float(density[top])
