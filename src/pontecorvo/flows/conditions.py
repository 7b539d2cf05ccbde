"""What a flow is conditioned on: names, scales, and the range it was trained for."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from ..base.errors import InputError, suggest

Condition = Mapping[str, float] | Sequence[float] | np.ndarray | None


class Conditions:
    """The C conditions of a flow: measured values, their uncertainties, or whatever else.

    Args:
        names: Distinct names.
        centred: Standardise to zero mean. If not, only the scale is taken out, so that a null label
            of zeros is not the mean label: centred, guidance away from the null label is guidance
            away from the average.
    """

    def __init__(self, names: Sequence[str], centred: bool = True) -> None:
        self.names = tuple(names)
        self.centred = centred
        if len(set(self.names)) != len(self.names):
            raise InputError(f"conditions {list(self.names)}: the names must be distinct")
        self.mean = torch.zeros(len(self.names), dtype=torch.float64)
        self.scale = torch.ones(len(self.names), dtype=torch.float64)
        self.range: dict[str, tuple[float, float]] = {}

    def __len__(self) -> int:
        return len(self.names)

    def fit(self, values: np.ndarray) -> None:
        """Take mean and scale from conditions (N, C)."""
        tensor = torch.from_numpy(values)
        mean, spread = tensor.mean(dim=0), tensor.std(dim=0)
        self.scale = torch.where(spread > 1e-12 * mean.abs(), spread, torch.ones_like(spread))
        self.mean = mean if self.centred else torch.zeros_like(mean)

    def set_range(
        self, values: np.ndarray, wanted: Mapping[str, tuple[float, float]] | None
    ) -> None:
        """Range of each condition: as wanted, else that of the conditions (N, C) seen."""
        wanted = wanted or {}
        for name in wanted:
            if name not in self.names:
                raise InputError(
                    f"condition_range: {name!r} is no condition; {suggest(name, list(self.names))}"
                )
        self.range = {}
        for index, name in enumerate(self.names):
            low, high = wanted.get(name, (values[:, index].min(), values[:, index].max()))
            self.range[name] = (float(low), float(high))

    def standardise(self, values: np.ndarray) -> Tensor:
        """Unit variance (and zero mean, where centred) over the training data, float32."""
        tensor = torch.from_numpy(np.asarray(values, dtype=float))
        return ((tensor - self.mean) / self.scale).float()

    def check(self, condition: Condition, n: int, retrain: str = "") -> Tensor:
        """Standardised condition (1, C), or (n, C) where one is given for each of n points.

        Args:
            condition: Values by name, in order, or one row a point.
            n: Number of points.
            retrain: Command to name where a value is out of range.

        Raises:
            InputError: If a condition is missing, unknown, not a number, or outside the range that
                the network was trained for; the sentence names the range and how to retrain.
        """
        if isinstance(condition, Mapping):
            for name in condition:
                if name not in self.names:
                    raise InputError(
                        f"condition {name!r} is unknown to this network; "
                        f"{suggest(name, list(self.names))}"
                    )
            missing = [name for name in self.names if name not in condition]
            if missing:
                needed = ", ".join(self.names)
                raise InputError(f"condition {missing[0]!r} is missing; needed: {needed}")
            condition = [condition[name] for name in self.names]
        values = np.zeros((1, 0)) if condition is None else np.asarray(condition, dtype=float)
        values = np.atleast_2d(values) if values.size else values.reshape(1, 0)
        if values.shape[1] != len(self) or len(values) not in (1, n):
            raise InputError(
                f"condition of shape {values.shape}: this network takes {len(self)} value(s) "
                f"({', '.join(self.names) or 'none'}), one row or one for each of {n} points"
            )
        for index, name in enumerate(self.names):
            low, high = self.range.get(name, (-np.inf, np.inf))
            margin = 1e-9 * max(abs(low), abs(high), high - low)
            margin = margin if np.isfinite(margin) else 0.0
            column = values[:, index]
            bad = ~((column >= low - margin) & (column <= high + margin) & np.isfinite(column))
            if bad.any():
                raise InputError(
                    f"condition {name} = {column[bad][0]:g} is outside the range "
                    f"{low:g} to {high:g} that this network was trained for"
                    + (f"; train for it with: {retrain}" if retrain else "")
                )
        return self.standardise(values)
