"""The object that joins path, network, training, sampling and density: a conditional density.

It lives on the unit cube, the coordinates of `models.base.Chart`: points u (n, D) in [0, 1],
densities with respect to du. It knows nothing of the model behind them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path as FilePath
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...base.errors import InputError, suggest
from ...base.seeds import stream
from .batches import Examples
from .coordinates import Coordinates
from .denoiser import Denoiser
from .density import DEFAULT_NODES, FlowReport, check_flow, draw_with_density, log_density
from .guidance import Field, GradientGuided, network_field
from .networks import NetworkSettings
from .paths import Path, draw_base, make_path
from .recipe import History, TrainSettings
from .samplers import check_sampler, run_sampler
from .threads import map_torch
from .train import Trainer

Condition = Mapping[str, float] | Sequence[float] | np.ndarray | None
_BLOCK = 1024  # draws that share one stream of random numbers
_TANGENT_BLOCK = 128  # points differentiated together: their tangents stay in the cache


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
    """

    path: Mapping[str, Any] = field(default_factory=lambda: {"name": "flow-matching"})
    prediction: str = "velocity"
    network: NetworkSettings = field(default_factory=NetworkSettings)
    coordinates: str = "probit"
    whitening: str = "diagonal"
    model_guidance: float | None = None

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
        return {
            "path": self.make_path().describe(),
            "prediction": self.prediction,
            "network": self.network.describe(),
            "coordinates": self.coordinates,
            "whitening": self.whitening,
            "model_guidance": self.model_guidance,
        }


@dataclass(frozen=True)
class Draws:
    """Draws as the network made them: nothing removed, weighted or mended.

    Attributes:
        u: Points (n, D) of the unit cube; affine coordinates can lie outside it.
        log_density: Log-density (n,) with respect to du, or None.
        report: Errors of solver and quadrature, where there is a density.
        settings: Sampler, steps, guidance scale and seed.
    """

    u: np.ndarray
    log_density: np.ndarray | None
    report: FlowReport | None
    settings: dict[str, Any]


class ConditionalFlow:
    """A conditional density q(u | c) on the unit cube, learned by diffusion or flow matching.

    Args:
        dim: Number of coordinates D.
        conditions: Names of the C conditions; empty for none.
        periodic: Which coordinates (D,) are periodic; None: none.
        settings: Path, network, coordinates.
        seed: Seed of the first weights.
    """

    def __init__(
        self,
        dim: int,
        conditions: Sequence[str] = (),
        periodic: np.ndarray | Sequence[bool] | None = None,
        settings: FlowSettings | None = None,
        seed: int = 0,
    ) -> None:
        self.dim = dim
        self.conditions = tuple(conditions)
        self.settings = settings or FlowSettings()
        self.seed = seed
        flags = [False] * dim if periodic is None else [bool(p) for p in periodic]
        if len(flags) != dim or len(set(self.conditions)) != len(self.conditions):
            raise InputError(
                f"flow: {dim} coordinates, {len(flags)} periodic flags, conditions "
                f"{list(self.conditions)}; need one flag a coordinate and distinct names"
            )
        self.periodic = torch.tensor(flags, dtype=torch.bool, device="cpu")
        self.coordinates = Coordinates(
            self.periodic, self.settings.coordinates, self.settings.whitening
        )
        self.denoiser = self._make_denoiser()
        count = len(self.conditions)
        self.condition_mean = torch.zeros(count, dtype=torch.float64)
        self.condition_scale = torch.ones(count, dtype=torch.float64)
        self.condition_range: dict[str, tuple[float, float]] = {}
        self.card: dict[str, Any] = {
            "training": {},
            "retrain": "",
            "calibration": {},
            "known_limits": [],
        }

    def _make_denoiser(self) -> Denoiser:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            return Denoiser(
                self.periodic,
                len(self.conditions),
                self.settings.make_path(),
                self.settings.network,
                self.settings.prediction,
                self.settings.model_guidance is not None,
            )

    @property
    def parameter_count(self) -> int:
        """Number of weights."""
        return sum(p.numel() for p in self.denoiser.parameters())

    # ------------------------------------------------------------------ training

    def fit(
        self,
        examples: Examples,
        train: TrainSettings | None = None,
        *,
        validation: tuple[np.ndarray, np.ndarray] | None = None,
        condition_range: Mapping[str, tuple[float, float]] | None = None,
        retrain: str = "",
        checkpoint: FilePath | str | None = None,
        monitor: Callable[["ConditionalFlow"], dict[str, float]] | None = None,
        keep_scales: bool = False,
        show: bool | None = None,
    ) -> History:
        """Train on pairs of points and conditions.

        Args:
            examples: `ArrayExamples` or `SimulatedExamples`.
            train: How.
            validation: Held-out points (N, D) and conditions (N, C).
            condition_range: Lowest and highest value of each condition that the network is good
                for; by default the range of the examples.
            retrain: The command that trains for another range; printed when one is refused.
            checkpoint: File to keep, and to resume from if it is there.
            monitor: Called at each validation with this flow; its numbers are shown and kept.
            keep_scales: Keep the scales of an earlier fit (fine-tuning).
            show: Live table or not; by default on a terminal.

        Returns:
            The history, one row a validation.

        Raises:
            InputError: If examples, settings and flow do not fit together.
        """
        train = train or TrainSettings()
        u, condition = examples.sample(100_000)
        self._check_shapes(u, condition, "training data")
        if not keep_scales:
            self.coordinates.fit(torch.from_numpy(u))
            values = torch.from_numpy(condition)
            self.condition_mean = values.mean(dim=0)
            spread = values.std(dim=0)
            self.condition_scale = torch.where(spread > 0, spread, torch.ones_like(spread))
        self.condition_range = self._ranges(condition, condition_range)
        held_out = None
        if validation is not None:
            self._check_shapes(*validation, "validation data")
            held_out = self._to_flow(*validation)
        identity = [self._identity(), examples.describe()]
        trainer = Trainer(
            self.denoiser,
            _FlowBatches(self, examples),
            held_out,
            train,
            self.settings.model_guidance,
            None if checkpoint is None else FilePath(checkpoint),
            identity,
            None if monitor is None else lambda: monitor(self),
        )
        self.denoiser.train()
        history = trainer.run(show)
        self.denoiser.eval()
        self.card["retrain"] = retrain or self.card["retrain"]
        self.card["training"] = {
            "settings": asdict(train) | {"precision": train.resolved_precision()},
            "data": examples.describe(),
            "steps_done": history.stopped_at,
            "examples_seen": history.stopped_at * train.batch,
            "last": history.rows[-1] if history.rows else {},
            "best_validation": history.best if np.isfinite(history.best) else None,
        }
        return history

    def _identity(self) -> dict[str, Any]:
        digest = {name: float(value.double().sum()) for name, value in self._weights().items()}
        return {
            "settings": self.settings.describe(),
            "conditions": list(self.conditions),
            "periodic": self.periodic.tolist(),
            "first_weights": digest,
        }

    def _weights(self) -> dict[str, Tensor]:
        return dict(self.denoiser.state_dict())

    def _check_shapes(self, u: np.ndarray, condition: np.ndarray, what: str) -> None:
        if u.shape[1:] != (self.dim,) or condition.shape[1:] != (len(self.conditions),):
            raise InputError(
                f"{what}: points {u.shape} and conditions {condition.shape}; this flow needs "
                f"(n, {self.dim}) and (n, {len(self.conditions)})"
            )

    def _ranges(
        self, condition: np.ndarray, wanted: Mapping[str, tuple[float, float]] | None
    ) -> dict[str, tuple[float, float]]:
        if wanted is not None:
            for name in wanted:
                if name not in self.conditions:
                    raise InputError(
                        f"condition_range: {name!r} is no condition; "
                        f"{suggest(name, list(self.conditions))}"
                    )
        seen = {
            name: (float(condition[:, i].min()), float(condition[:, i].max()))
            for i, name in enumerate(self.conditions)
        }
        return seen | {k: (float(a), float(b)) for k, (a, b) in (wanted or {}).items()}

    def _to_flow(self, u: np.ndarray, condition: np.ndarray) -> tuple[Tensor, Tensor]:
        points = self.coordinates.to_flow(torch.from_numpy(np.asarray(u, dtype=float)))
        return points.float(), self._standardise(condition)

    def _standardise(self, condition: np.ndarray) -> Tensor:
        values = torch.from_numpy(np.asarray(condition, dtype=float))
        return ((values - self.condition_mean) / self.condition_scale).float()

    # ------------------------------------------------------------------ conditions

    def check_condition(self, condition: Condition, n: int = 1) -> Tensor:
        """Standardised condition (1, C), or (n, C) where one is given for each of n points.

        Raises:
            InputError: If a condition is missing, unknown, not a number, or outside the range that
                the network was trained for; the sentence names the range and how to retrain.
        """
        names = self.conditions
        if isinstance(condition, Mapping):
            for name in condition:
                if name not in names:
                    raise InputError(
                        f"condition {name!r} is unknown to this network; "
                        f"{suggest(name, list(names))}"
                    )
            missing = [name for name in names if name not in condition]
            if missing:
                raise InputError(f"condition {missing[0]!r} is missing; needed: {', '.join(names)}")
            condition = [condition[name] for name in names]
        values = np.zeros((1, 0)) if condition is None else np.asarray(condition, dtype=float)
        values = np.atleast_2d(values) if values.size else values.reshape(1, 0)
        if values.shape[1] != len(names) or len(values) not in (1, n):
            raise InputError(
                f"condition of shape {values.shape}: this network takes {len(names)} value(s) "
                f"({', '.join(names) or 'none'}), one row or one for each of {n} points"
            )
        for index, name in enumerate(names):
            low, high = self.condition_range.get(name, (-np.inf, np.inf))
            margin = 1e-9 * max(abs(low), abs(high), 1e-300)
            column = values[:, index]
            bad = ~((column >= low - margin) & (column <= high + margin))
            if bad.any():
                how = self.card["retrain"]
                raise InputError(
                    f"condition {name} = {column[bad][0]:g} is outside the range "
                    f"{low:g} to {high:g} that this network was trained for"
                    + (f"; train for it with: {how}" if how else "")
                )
        return self._standardise(values)

    def field(
        self,
        condition: Condition,
        guidance: float = 1.0,
        gradient: Callable[[Tensor], Tensor] | None = None,
        gradient_scale: float = 1.0,
    ) -> Field:
        """The (guided) velocity field at one condition, in the flow's own coordinates."""
        self._check_guidance(guidance)
        return self._field(self.check_condition(condition), guidance, gradient, gradient_scale)

    def _field(
        self,
        condition: Tensor,
        guidance: float,
        gradient: Callable[[Tensor], Tensor] | None,
        gradient_scale: float,
        precision: torch.dtype = torch.float32,
    ) -> Field:
        plain = network_field(self.denoiser, condition, guidance, precision)
        if gradient is None:
            return plain

        def on_cube(y: Tensor) -> Tensor:
            return gradient(self.coordinates.to_cube(y)[0]).float()

        return GradientGuided(plain, on_cube, gradient_scale)

    def _check_guidance(self, guidance: float) -> None:
        largest = self.settings.model_guidance
        if largest is not None and not 1 <= guidance <= largest:
            raise InputError(
                f"guidance {guidance}: this network learned guided fields of scale 1 to {largest:g}"
            )
        dropout = self.card["training"].get("settings", {}).get("dropout", 1.0)
        if largest is None and guidance != 1 and (dropout == 0 or not self.conditions):
            raise InputError(
                f"guidance {guidance}: this network was trained without dropped conditions, so it "
                "has no unconditional field; allowed: 1"
            )
        if not np.isfinite(guidance) or guidance < 0:
            raise InputError(f"guidance {guidance}: give a finite number from 0")

    # ------------------------------------------------------------------ draws and densities

    def sample(
        self,
        condition: Condition,
        n: int,
        seed: int = 0,
        *,
        with_density: bool = False,
        sampler: str = "rk4",
        steps: int | None = None,
        eta: float | None = None,
        guidance: float = 1.0,
        gradient: Callable[[Tensor], Tensor] | None = None,
        gradient_scale: float = 1.0,
        nodes: int = DEFAULT_NODES,
        derivatives: str = "float32",
        check: int = 64,
        advance: Callable[[float], None] | None = None,
    ) -> Draws:
        """Draw points.

        Args:
            condition: Values by name or in order; or an array (n, C), one row a draw.
            n: Number of draws.
            seed: Seed; draw k depends on it and on k only, up to the sampler's settings.
            with_density: Also their exact log-density. The flow is then solved by RK4 between the
                nodes of the divergence's quadrature.
            sampler: ``rk4``, ``heun``, ``ddim`` or ``ancestral``, where no density is wanted.
            steps: Steps of that sampler.
            eta: Stochasticity of ``ddim``.
            guidance: Classifier-free or learned guidance scale; one is the conditional density.
            gradient: Log-likelihood of points of the cube, (N, D) float64 tensor to (N,), whose
                gradient guides the draws.
            gradient_scale: Its strength.
            nodes: Nodes of the quadrature.
            derivatives: Precision of the divergence: ``float32``, or ``bfloat16``, which is about
                twice as fast and good to a few hundredths in log-density (see the report).
            check: Number of draws on which the errors of the density are measured.
            advance: Called with the number of draws done.

        Returns:
            The draws, unfiltered.
        """
        if not (isinstance(n, (int, np.integer)) and n >= 1):
            raise InputError(f"draws {n!r}: give a whole number from 1")
        rows = self.check_condition(condition, n)
        self._check_guidance(guidance)
        steps, eta = check_sampler(sampler, steps, eta)
        if with_density and nodes < 2:
            raise InputError(f"nodes {nodes}: give at least 2")
        if derivatives not in ("float32", "bfloat16"):
            raise InputError(f"derivatives {derivatives!r}; allowed: float32, bfloat16")
        kind = torch.bfloat16 if derivatives == "bfloat16" else torch.float32
        path, single = self.denoiser.path, len(rows) == 1

        def base(block: int) -> Tensor:
            rng = torch.Generator().manual_seed(int(stream(seed, "base", block).integers(2**63)))
            noise = draw_base((_BLOCK, self.dim), path, self.periodic, rng)
            return noise[: min(_BLOCK, n - block * _BLOCK)]

        def field_of(start: int, stop: int) -> Field:
            part = rows if single else rows[start:stop]
            return self._field(part, guidance, gradient, gradient_scale, kind)

        def plain(block: int) -> tuple[Tensor, Tensor | None, FlowReport | None]:
            noise, start = base(block), block * _BLOCK
            own = int(stream(seed, "sampler", block).integers(2**63))
            y = run_sampler(field_of(start, start + len(noise)), noise, sampler, steps, eta, own)
            return y, None, None

        def dense(block: int) -> tuple[Tensor, Tensor | None, FlowReport | None]:
            noise, start = base(block), block * _BLOCK
            points, densities, report = [], [], None
            for low in range(0, len(noise), _TANGENT_BLOCK):
                part = noise[low : low + _TANGENT_BLOCK]
                field_here = field_of(start + low, start + low + len(part))
                y, log_q = draw_with_density(field_here, part, nodes)
                if block == 0 and low == 0 and check > 0:
                    few = min(check, len(part))
                    part_rows = rows if single else rows[:few]
                    some = self._field(part_rows, guidance, gradient, gradient_scale)
                    report = check_flow(some, part[:few], y[:few], log_q[:few], nodes)
                points.append(y)
                densities.append(log_q)
            return torch.cat(points), torch.cat(densities), report

        blocks = range((n + _BLOCK - 1) // _BLOCK)
        parts = []
        for part in map_torch(dense if with_density else plain, blocks):
            parts.append(part)
            if advance is not None:
                advance(len(part[0]))
        u, volume = self.coordinates.to_cube(torch.cat([y for y, _, _ in parts]))
        log_q = None
        if with_density:
            log_q = (torch.cat([q for _, q, _ in parts if q is not None]) - volume).numpy()
        about: dict[str, Any] = {"seed": seed, "guidance": guidance}
        if with_density:
            about |= {"solver": "rk4", "nodes": nodes, "derivatives": derivatives}
        else:
            about |= {"sampler": sampler, "steps": steps, "eta": eta}
        if gradient is not None:
            about["gradient_scale"] = gradient_scale
        return Draws(u.numpy(), log_q, parts[0][2], about)

    def log_density(
        self,
        u: np.ndarray,
        condition: Condition,
        *,
        guidance: float = 1.0,
        nodes: int = DEFAULT_NODES,
    ) -> np.ndarray:
        """Log-density (n,) with respect to du at any points (n, D) of the open cube.

        Args:
            u: Points.
            condition: One condition, or one a row (n, C).
            guidance: Scale of the guided field whose density is wanted.
            nodes: Nodes of the quadrature.
        """
        u = np.atleast_2d(np.asarray(u, dtype=float))
        rows = self.check_condition(condition, len(u))
        self._check_shapes(u, np.zeros((len(u), len(self.conditions))), "points")
        self._check_guidance(guidance)
        y = self.coordinates.to_flow(torch.from_numpy(u)).float()
        _, volume = self.coordinates.to_cube(y)

        def part(start: int) -> Tensor:
            own = slice(start, start + _TANGENT_BLOCK)
            condition_rows = rows if len(rows) == 1 else rows[own]
            return log_density(self._field(condition_rows, guidance, None, 1.0), y[own], nodes)

        values = torch.cat(list(map_torch(part, range(0, len(y), _TANGENT_BLOCK))))
        return (values - volume).numpy()

    # ------------------------------------------------------------------ files

    def save(self, path: FilePath | str) -> FilePath:
        """Write the card ``path.json`` and its weights beside it; the card is written last."""
        from .store import save_flow

        return save_flow(self, path)

    @classmethod
    def load(cls, path: FilePath | str) -> "ConditionalFlow":
        """Read what `save` wrote; refuses anything damaged or foreign."""
        from .store import load_flow

        return load_flow(path)


class _FlowBatches:
    """Examples in the flow's coordinates."""

    def __init__(self, flow: ConditionalFlow, examples: Examples) -> None:
        self.flow = flow
        self.examples = examples

    def batch(self, step: int, n: int) -> tuple[Tensor, Tensor]:
        """The examples of a step."""
        u, condition = self.examples.batch(step, n)
        return self.flow._to_flow(u, condition)
