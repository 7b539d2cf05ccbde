"""The object that joins path, network, training, sampling and density: a conditional density.

It lives on the unit cube of `core.chart.Chart`: points u (n, D) in [0, 1], densities by du.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from ..base.errors import InputError
from ..base.seeds import stream
from .conditions import Condition, Conditions
from .coordinates import Coordinates
from .denoiser import Denoiser
from .density import DEFAULT_NODES, Draws, FlowReport, check_flow, draw_with_density, log_density
from .flow_settings import PRECISIONS, FlowSettings, History, TrainSettings, resolved_precision
from .guidance import Field, GradientGuided, check_guidance, network_field
from .noise_schedules import draw_base
from .ode_samplers import check_sampler, run_sampler
from .torch_threads import map_torch, torch_defaults

if TYPE_CHECKING:
    from .batches import Examples
    from .feature_maps import FeatureMap

_BLOCK = 1024  # draws that share one stream of random numbers
_TANGENT_BLOCK = 128  # points differentiated together: their tangents stay in the cache


class ConditionalFlow:
    """A conditional density q(u | c) on the unit cube, learned by diffusion or flow matching.

    Args:
        dim: Number of coordinates D.
        conditions: Names of the C conditions; empty for none.
        periodic: Which coordinates (D,) are periodic; None: none.
        settings: Path, network, coordinates.
        seed: Seed of the first weights.
        features: Feature map, where ``settings.network.given`` says that one is handed over.
    """

    @torch_defaults()
    def __init__(
        self,
        dim: int,
        conditions: Sequence[str] = (),
        periodic: np.ndarray | Sequence[bool] | None = None,
        settings: FlowSettings | None = None,
        seed: int = 0,
        features: "FeatureMap | None" = None,
    ) -> None:
        self.dim, self.features = dim, features
        self.settings = settings or FlowSettings()
        self.conditions = Conditions(conditions, self.settings.centred)
        self.seed = seed
        flags = [False] * dim if periodic is None else [bool(p) for p in periodic]
        if not 1 <= dim == len(flags):
            raise InputError(f"flow: {dim} coordinates and {len(flags)} periodic flags")
        self.periodic = torch.tensor(flags, dtype=torch.bool, device="cpu")
        self.coordinates = Coordinates(
            self.periodic, self.settings.coordinates, self.settings.whitening
        )
        self.denoiser = self._make_denoiser()
        self.card: dict[str, Any] = {
            "training": {},
            "retrain": "",
            "calibration": {},
            "known_limits": [],
        }

    def _make_denoiser(self) -> Denoiser:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            denoiser = Denoiser(
                self.periodic,
                len(self.conditions),
                self.settings.make_path(),
                self.settings.network,
                self.settings.prediction,
                self.settings.model_guidance is not None,
            )
        if denoiser.network.has_extra:
            from .model_features import attach

            attach(denoiser.network, self.features, self.coordinates, self.conditions)
        return denoiser

    @property
    def parameter_count(self) -> int:
        """Number of weights."""
        return sum(p.numel() for p in self.denoiser.parameters())

    @torch_defaults()
    def fit(
        self,
        examples: "Examples",
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
        from .batches import CarriedExamples
        from .trainer import Trainer

        train = train or TrainSettings()
        u, condition = examples.sample(100_000)
        self._check_shapes(u, condition, "training data")
        if not keep_scales:
            self.coordinates.fit(torch.from_numpy(u))
            self.conditions.fit(condition)
        self.conditions.set_range(condition, condition_range)
        held_out = None
        if validation is not None:
            self._check_shapes(*validation, "validation data")
            held_out = self._to_flow(*validation)
        identity = [self._identity(), examples.describe()]
        trainer = Trainer(
            self.denoiser,
            CarriedExamples(examples, self._to_flow),
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
        digest = {
            name: float(value.double().sum()) for name, value in self.denoiser.state_dict().items()
        }
        return {
            "settings": self.settings.describe(),
            "conditions": list(self.conditions.names),
            "periodic": self.periodic.tolist(),
            "first_weights": digest,
        }

    def _check_shapes(self, u: np.ndarray, condition: np.ndarray, what: str) -> None:
        if u.shape[1:] != (self.dim,) or condition.shape[1:] != (len(self.conditions),):
            raise InputError(
                f"{what}: points {u.shape} and conditions {condition.shape}; this flow needs "
                f"(n, {self.dim}) and (n, {len(self.conditions)})"
            )

    def _to_flow(self, u: np.ndarray, condition: np.ndarray) -> tuple[Tensor, Tensor]:
        points = self.coordinates.to_flow(torch.from_numpy(np.asarray(u, dtype=float)))
        return points.float(), self.conditions.standardise(condition)

    def standardised(self, condition: Condition, n: int = 1) -> Tensor:
        """Standardised condition (1, C) or (n, C); `InputError` outside the training range."""
        return self.conditions.check(condition, n, self.card["retrain"])

    def field(
        self,
        condition: Condition,
        guidance: float = 1.0,
        gradient: Callable[[Tensor], Tensor] | None = None,
        gradient_scale: float = 1.0,
    ) -> Field:
        """The (guided) velocity field at one condition, in the flow's own coordinates."""
        self._check_guidance(guidance)
        return self._field(self.standardised(condition), guidance, gradient, gradient_scale)

    def _field(
        self,
        condition: Tensor,
        guidance: float,
        gradient: Callable[[Tensor], Tensor] | None,
        gradient_scale: float,
        precision: torch.dtype = torch.float32,
        interval: tuple[float, float] = (0.0, 1.0),
    ) -> Field:
        plain = network_field(self.denoiser, condition, guidance, precision, interval)
        if gradient is None:
            return plain

        def on_cube(y: Tensor) -> Tensor:
            return gradient(self.coordinates.to_cube(y)[0]).float()

        return GradientGuided(plain, on_cube, gradient_scale)

    def _check_guidance(self, guidance: float) -> None:
        dropout = self.card["training"].get("settings", {}).get("dropout", 1.0)
        check_guidance(
            guidance, self.settings.model_guidance, dropout > 0 and bool(self.conditions)
        )

    @torch_defaults()
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
        clip: str = "none",
        guidance: float = 1.0,
        interval: tuple[float, float] = (0.0, 1.0),
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
            clip: How its estimate of the data is kept in the cube at every step: ``none``, ``box``
                or ``dynamic`` (`Coordinates.clip`); not for ``rk4``, ``heun``, nor with a density.
            guidance: Classifier-free or learned guidance scale; one is the conditional density.
            interval: Part of the sampler's time, from 0 (data) to 1 (noise), in which
                classifier-free guidance acts; elsewhere the scale is one (arXiv:2404.07724).
            gradient: Log-likelihood of points of the cube, (N, D) float64 tensor to (N,), whose
                gradient guides the draws.
            gradient_scale: Its strength.
            nodes: Nodes of the quadrature.
            derivatives: Precision of the divergence: ``float32``, or ``bfloat16``, which is about
                twice as fast where the processor has it and good to a few hundredths in
                log-density (see the report); ``auto`` takes it there.
            check: Number of draws on which the errors of the density are measured.
            advance: Called with the number of draws done.

        Returns:
            The draws, unfiltered.
        """
        if not (isinstance(n, (int, np.integer)) and n >= 1):
            raise InputError(f"draws {n!r}: give a whole number from 1")
        rows = self.standardised(condition, n)
        self._check_guidance(guidance)
        steps, eta = check_sampler(sampler, steps, eta, clip)
        if with_density and nodes < 2:
            raise InputError(f"nodes {nodes}: give at least 2")
        if derivatives not in PRECISIONS:
            raise InputError(f"derivatives {derivatives!r}; allowed: {', '.join(PRECISIONS)}")
        derivatives = resolved_precision(derivatives)
        kind = torch.bfloat16 if derivatives == "bfloat16" else torch.float32
        path, single = self.denoiser.path, len(rows) == 1

        def limit(data: Tensor) -> Tensor:
            return self.coordinates.clip(data, clip)

        within = None if clip == "none" else limit

        def base(block: int) -> Tensor:
            rng = torch.Generator().manual_seed(int(stream(seed, "base", block).integers(2**63)))
            noise = draw_base((_BLOCK, self.dim), path, self.periodic, rng)
            return noise[: min(_BLOCK, n - block * _BLOCK)]

        def field_of(start: int, stop: int) -> Field:
            part = rows if single else rows[start:stop]
            return self._field(part, guidance, gradient, gradient_scale, kind, interval)

        def plain(block: int) -> tuple[Tensor, Tensor | None, FlowReport | None]:
            noise, start = base(block), block * _BLOCK
            own = int(stream(seed, "sampler", block).integers(2**63))
            field = field_of(start, start + len(noise))
            y = run_sampler(field, noise, sampler, steps, eta, own, within)
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
            about |= {"sampler": sampler, "steps": steps, "eta": eta, "clip": clip}
        if gradient is not None:
            about["gradient_scale"] = gradient_scale
        return Draws(u.numpy(), log_q, parts[0][2], about)

    @torch_defaults()
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
        rows = self.standardised(condition, len(u))
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

    def save(self, path: FilePath | str) -> FilePath:
        """Write the card ``path.json`` and its weights beside it; the card is written last."""
        from .store import save_flow

        return save_flow(self, path)

    @classmethod
    def load(cls, path: FilePath | str, features: "FeatureMap | None" = None) -> "ConditionalFlow":
        """Read what `save` wrote; refuses anything damaged or foreign."""
        from .store import load_flow

        return load_flow(path, features)
