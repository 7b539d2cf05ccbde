"""The lift of a target: everything set up, checked, and ready to carry draws."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...base.errors import InputError, suggest
from ...base.seeds import stream
from ...core.target import Target
from .broad import BroadMeasurement, soft
from .field import Field, Goal
from .flow import move
from .free_coordinates import LiftCoordinates, Points
from .ladder import carry_linked
from .observable_slopes import Derivatives
from .observables import default_transforms

_FEW = 16  # pilot draws from which medians are taken
_RANK = 1e-10  # singular values below this fraction of the largest count as zero


@dataclass(frozen=True)
class LiftSettings:
    """How a lift is set up.

    Attributes:
        k: Factor by which each observable is contracted: one number, one by name, or None: chosen
            so that contracting an observable moves the parameters by `reach`.
        reach: Typical move for one observable, in standard deviations of the prior.
        widest: Broadest cloud, of a logarithm or logit.
        eps: Regularisation of the field; see `field.Field`. A residual is left alone where its
            slope, squared, is much less than this fraction of what is typical at the measurement.
        steps: Implicit midpoint steps.
        levels: Where they do not solve, twice as many are tried, this often less one (`ladder`).
        transforms: Name of an observable -> ``log``, ``logit``, ``identity`` or ``angle``.
        pilot: Draws of the prior that the choices are made with.
        tolerance: Largest distance, in prior standard deviations, at which a draw counts as come
            back to where it started.
    """

    k: float | Mapping[str, float] | None = None
    reach: float = 0.1
    widest: float = 0.25
    eps: float = 0.1
    steps: int = 8
    levels: int = 3
    transforms: Mapping[str, str] | None = None
    pilot: int = 512
    tolerance: float = 1e-6

    def __post_init__(self) -> None:
        if self.steps < 1 or self.levels < 1 or self.pilot < 16:
            raise InputError(
                f"lift: steps {self.steps}, levels {self.levels}, pilot {self.pilot}; give at "
                "least 1, 1 and 16"
            )
        if not (self.eps >= 0 and min(self.reach, self.widest, self.tolerance) > 0):
            raise InputError(
                f"lift: eps {self.eps}, reach {self.reach}, widest {self.widest}, tolerance "
                f"{self.tolerance}; eps must not be negative, the others must be positive"
            )
        values = self.k.values() if isinstance(self.k, Mapping) else [self.k]
        for value in values:
            if value is not None and not 1 <= value < np.inf:
                raise InputError(f"lift: k {value}; a factor must be finite and at least 1")


@dataclass(frozen=True)
class Lifted:
    """Draws that were carried.

    Attributes:
        theta: Parameters (N, P); NaN where the draw did not arrive or did not return.
        log_volume: log abs(d theta' / d theta) (N,) of the discrete map.
        log_volume_y: The same in the lift's coordinates.
        log_prior_y: Log prior densities before and after (2, N) in the lift's coordinates.
        arrived: Draws that arrived, and whose way back ends where they started (N,).
        distance: How far each went (N,), in prior standard deviations, root of the sum of squares.
        steps: Steps that each took (N,), 0 for the lost ones.
    """

    theta: np.ndarray
    log_volume: np.ndarray
    log_volume_y: np.ndarray
    log_prior_y: np.ndarray
    arrived: np.ndarray
    distance: np.ndarray
    steps: np.ndarray

    @property
    def lost(self) -> int:
        """Number of draws that did not arrive, or did not return."""
        return int((~self.arrived).sum())


class Lift:
    """The lift of a target.

    Args:
        target: Model and measurement. The measurement has ``quantities`` (name, central, plus,
            minus, low, high, period), in the order of the model's observables, and perhaps a
            ``correlation`` matrix.
        settings: How.
        seed: Seed of the pilot draws.

    Raises:
        InputError: If the model cannot be lifted; it says why.
    """

    def __init__(self, target: Target, settings: LiftSettings | None = None, seed: int = 0) -> None:
        self.target = target
        self.settings = settings or LiftSettings()
        model, measurement = target.model, target.measurement
        self.proxy = soft(measurement)
        quantities = getattr(self.proxy, "quantities", None)
        names = [q.name for q in model.observables]
        if quantities is None or [q.name for q in quantities] != names:
            raise InputError(
                f"lift: the measurement must say central values and errors of {', '.join(names)}, "
                "in this order"
            )
        self.names = tuple(names)
        self.coordinates = LiftCoordinates(model.prior)
        pilot = self.coordinates.from_cube(
            stream(seed, "lift", "pilot").random((self.settings.pilot, self.coordinates.dim))
        )
        with np.errstate(all="ignore"):
            predicted = model.forward(self.coordinates.to_parameters(pilot))
        usable = np.isfinite(predicted).all(axis=1)
        if not usable.any():
            raise InputError(
                f"lift: {model.name} has no observables (not a number) at any of {len(pilot)} "
                "draws of its prior"
            )
        self.transforms = default_transforms(
            model, quantities, predicted[usable], self.settings.transforms
        )
        self.derivatives = Derivatives(
            model, self.coordinates, self.transforms, np.arange(len(names))
        )
        central = np.array([[q.central for q in quantities]])
        slope = np.abs(self.transforms.slope(central))
        self.centre = self.transforms.forward(central)[0]
        self.sigma = np.array([0.5 * (q.plus + q.minus) for q in quantities]) * slope[0]
        correlation = getattr(self.proxy, "correlation", None)
        correlation = np.eye(len(names)) if correlation is None else np.asarray(correlation)
        whitener = np.linalg.inv(np.linalg.cholesky(correlation))
        pilot = pilot.take(usable)
        with np.errstate(all="ignore"):
            self.derivatives.check(pilot)
            _, slopes = self.derivatives.first(pilot)
        slopes = slopes[np.isfinite(slopes).all(axis=(1, 2))]
        self._refuse_rank(slopes)
        self.field = Field(self.derivatives, whitener, self.settings.eps)
        free = self._widths(self._slopes_there(pilot, slopes), whitener)
        self.free = np.where(np.isfinite(free) & (free > 0), free, self.sigma)
        self._aim(self._factors())

    def _slopes_there(self, pilot: Points, slopes: np.ndarray) -> np.ndarray:
        """Derivatives (N, m, P) where the measurement is; those of the prior if few get there.

        The prior's draws may live at other scales, where other things are stiff. They are carried
        as far as they go, with little regularisation; how exactly does not matter here.
        """
        with np.errstate(all="ignore"):
            t = self.derivatives.values(pilot)
            residual = self.transforms.difference(t, self.centre)
            width = np.maximum(np.nanquantile(np.abs(residual), 0.68, axis=0), self.sigma)
            goal = Goal(self.centre[None], np.log(width / self.sigma + 1)[None], width[None])
            field = Field(self.derivatives, self.field.whitener, 0.01)
            there = move(field, pilot, goal, 2 * self.settings.steps, with_volume=False)
            if there.arrived.sum() < _FEW:
                return slopes
            points = there.points.take(there.arrived)
            t, found = self.derivatives.first(points)
            residual = self.transforms.difference(t, self.centre)
            distance = np.nansum((residual / np.sqrt(self.sigma * width)) ** 2, axis=1)
        good = np.isfinite(found).all(axis=(1, 2))
        near = good & (distance < 9 * len(self.names))
        return found[near] if near.sum() >= _FEW else slopes

    def _aim(self, k: np.ndarray) -> None:
        """Set the factors (m,) of the contraction."""
        self.k = k
        # where slopes are typical, eps slows the flow by 1 + eps: that much more is asked for
        rate = (1.0 + self.settings.eps) * np.log(k)
        self.goal = Goal(self.centre[None], rate[None], self.free[None])

    def _refuse_rank(self, slopes: np.ndarray) -> None:
        """Refuse a model whose observables do not depend on its parameters, or on each other."""
        if not len(slopes):
            raise InputError(
                f"lift: {self.target.model.name} has no derivative (not a number) at any draw of "
                "its prior"
            )
        size = np.abs(slopes).max(axis=(0, 2))
        flat = np.flatnonzero(~(size > 1e-12))
        if len(flat):
            raise InputError(
                f"lift: {self.names[flat[0]]} does not change with any parameter of "
                f"{self.target.model.name}, so nothing can bring it to its measured value"
            )
        values = np.linalg.svd(slopes / size[:, None], compute_uv=False)
        rank = (values > _RANK * values[:, :1]).sum(axis=1).max()
        # with more data than parameters, a direction that only the prior knows is no fault
        if rank < slopes.shape[1] <= slopes.shape[2]:
            raise InputError(
                f"lift: the derivatives of the {len(self.names)} observables have rank {rank} at "
                f"every draw of the prior, where {min(slopes.shape[1:])} is possible; two "
                "observables, or parameters, are functions of each other: leave one out"
            )

    def _factors(self) -> np.ndarray:
        """The contraction factor of each observable (m,)."""
        given = self.settings.k
        count = len(self.names)
        if isinstance(given, Mapping):
            for name in given:
                if name not in self.names:
                    raise InputError(
                        f"lift: k for {name!r}, which is not measured; "
                        f"{suggest(name, list(self.names))}"
                    )
            return np.array([float(given.get(name, 1.0)) for name in self.names])
        if given is not None:
            return np.full(count, float(given))
        widths = self.settings.reach * self.free
        if count <= self.coordinates.dim:
            scales = np.array([kind in ("log", "logit") for kind in self.transforms.kinds])
            widths = np.where(scales, np.minimum(widths, self.settings.widest), widths)
        return np.maximum(1.0, widths / self.sigma)

    def _widths(self, slopes: np.ndarray, whitener: np.ndarray) -> np.ndarray:
        """Widths (m,) in T of a move by one prior standard deviation, the others held."""
        if slopes.shape[1] <= slopes.shape[2]:
            square = slopes @ np.swapaxes(slopes, 1, 2)
            lengths = np.sqrt(np.diagonal(_safe_inverse(square), axis1=1, axis2=2))
            return np.asarray(1 / np.nanmedian(lengths, axis=0))
        white = np.einsum("ij,njp->nip", whitener, slopes / self.sigma[:, None])
        # a direction that only the prior knows moves with no observable, and does not count
        values = np.linalg.eigvalsh(np.swapaxes(white, 1, 2) @ white)
        known = values > 1e-10 * values[:, -1:]
        lengths = np.sum(np.where(known, 1 / np.where(known, values, 1.0), 0.0), axis=1)
        typical = np.median(np.sqrt(lengths / known.sum(axis=1)))
        return self.sigma / typical  # one k for all: the flow's goal is the best fit

    def broad(self, k: np.ndarray | None = None) -> BroadMeasurement:
        """The measurement, k (m,) times as wide; by the lift's own factors unless told."""
        return BroadMeasurement(
            self.proxy, self.transforms, self.centre, self.k if k is None else k
        )

    def between(self, first: np.ndarray, second: np.ndarray) -> "Lift":
        """The same lift from a measurement `first` (m,) times as wide to one of `second`."""
        other = self.with_()
        other._aim(np.asarray(first / second))
        return other

    def with_(self, **changes: Any) -> "Lift":
        """The same lift with other ``steps``, ``levels``, ``eps`` or ``tolerance``."""
        other = object.__new__(Lift)
        other.__dict__.update(self.__dict__)
        other.settings = replace(self.settings, **changes)
        other.field = Field(self.derivatives, self.field.whitener, other.settings.eps)
        other._aim(self.k)
        return other

    def carry(
        self,
        theta: np.ndarray,
        backward: bool = False,
        with_volume: bool = True,
        goal: Goal | None = None,
    ) -> Lifted:
        """Carry parameters (N, P) from broad to sharp, or back.

        Args:
            theta: Parameters.
            backward: From sharp to broad.
            with_volume: Also the log-determinant.
            goal: Another goal than the target's own.
        """
        start = self.coordinates.from_parameters(theta)
        return self.carry_points(start, theta, backward, with_volume, goal)

    def carry_points(
        self,
        start: Points,
        theta: np.ndarray,
        backward: bool = False,
        with_volume: bool = True,
        goal: Goal | None = None,
    ) -> Lifted:
        """As `carry`, from points in the lift's coordinates whose parameters are `theta`."""
        own = self.settings
        moved, steps = carry_linked(
            self.field,
            start,
            goal or self.goal,
            own.steps,
            own.levels,
            own.tolerance,
            backward,
            with_volume,
        )
        arrived = moved.arrived.copy()
        end = moved.points.at(np.where(arrived[:, None], moved.points.y, np.nan))
        after = np.full_like(np.asarray(theta, dtype=float), np.nan)
        if arrived.any():
            after[arrived] = self.coordinates.to_parameters(end.take(arrived))
        arrived &= np.isfinite(after).all(axis=1)
        prior = np.stack([self.coordinates.log_prior(start.y), self.coordinates.log_prior(end.y)])
        volume = np.where(arrived, moved.log_volume, np.nan)
        stretch = np.full(len(volume), np.nan)
        if arrived.any():
            log_prior = self.target.log_prior
            before_after = log_prior(theta[arrived]) - log_prior(after[arrived])
            stretch[arrived] = before_after - (prior[0] - prior[1])[arrived]
        distance = np.sqrt(np.sum(self.coordinates.difference(end.y, start.y) ** 2, axis=1))
        return Lifted(after, volume + stretch, volume, prior, arrived, distance, steps)

    def describe(self) -> dict[str, Any]:
        """What was chosen, as plain JSON types."""
        return {
            "derivatives": self.derivatives.how,
            "transforms": dict(zip(self.names, self.transforms.kinds, strict=True)),
            "k": dict(zip(self.names, self.k.tolist(), strict=True)),
            "eps": self.settings.eps,
            "steps": [self.settings.steps * 2**level for level in range(self.settings.levels)],
        }


def _safe_inverse(square: np.ndarray) -> np.ndarray:
    """Inverses of positive matrices (N, d, d); NaN where singular."""
    with np.errstate(all="ignore"):
        values, vectors = np.linalg.eigh(square)
        values = np.where(values > 1e-14 * values[:, -1:], values, np.nan)
        return (vectors / values[:, None, :]) @ np.swapaxes(vectors, 1, 2)
