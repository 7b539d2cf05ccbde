"""The joint likelihood of any set of experiments, nuisances that share a name shared.

Experiments connected by nuisances form a group with one chi2 (`linear`, or their own); groups are
independent and add.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...base.errors import InputError
from .experiment import Array, Experiment
from .experiment_registry import Setting, load_experiments
from .linear import Group, group_chi2


def connected(experiments: Sequence[Experiment]) -> list[list[Experiment]]:
    """Groups of experiments that share nuisances, directly or through others, in order."""
    groups: list[tuple[set[str], list[Experiment]]] = []
    for experiment in experiments:
        names, members = set(experiment.nuisances), [experiment]
        apart = []
        for other_names, other_members in groups:
            if names & other_names:
                names |= other_names
                members = [*other_members, *members]
            else:
                apart.append((other_names, other_members))
        groups = [*apart, (names, members)]
    return [members for _, members in groups]


class JointLikelihood(Group):
    """Chi2 and likelihood of several experiments on the plane.

    Args:
        experiments: Each at most once.

    Raises:
        InputError: If there is none, or one is given twice.
    """

    def __init__(self, experiments: Sequence[Experiment]) -> None:
        if not experiments:
            raise InputError("joint likelihood: no experiment is left; name at least one")
        names = [experiment.name for experiment in experiments]
        if len(set(names)) < len(names):
            raise InputError(f"joint likelihood: {', '.join(names)}: each experiment once")
        super().__init__(experiments)
        self.groups = connected(experiments)

    @classmethod
    def load(cls, names: str | Sequence[str], setting: Setting | None = None) -> "JointLikelihood":
        """The joint likelihood of experiments by name, groups of names allowed."""
        return cls(load_experiments(names, setting))

    @property
    def name(self) -> str:
        """The experiments' names, joined."""
        return "+".join(member.name for member in self.experiments)

    @property
    def dm2_range(self) -> tuple[float, float]:
        """Range of dm2 [eV^2] that every experiment has tables for."""
        ranges = [member.dm2_range for member in self.experiments]
        return max(low for low, _ in ranges), min(high for _, high in ranges)

    def chi2(self, s22: Array, dm2: Array, data: Array | None = None) -> Array:
        """Chi2 (N,) with the pulls profiled, for the data (B,) (default: measured).

        Data may also be one row a point, (N, B).
        """
        return self._sum(s22, dm2, data, marginal=False)

    def marginal(self, s22: Array, dm2: Array, data: Array | None = None) -> Array:
        """-2 log likelihood (N,) with the pulls integrated out, up to a constant of the data.

        Data as in `chi2`: one data set (B,), or one row a point (N, B).
        """
        return self._sum(s22, dm2, data, marginal=True)

    def of_kind(self, kind: str) -> Callable[..., Array]:
        """`marginal`, or `chi2` for ``profile``."""
        return self.marginal if kind == "marginal" else self.chi2

    def _sum(self, s22: Array, dm2: Array, data: Array | None, marginal: bool) -> Array:
        total = np.zeros(len(s22))
        for members in self.groups:
            if len(members) == 1:
                one = members[0]
                part = None if data is None else data[..., self.slices[one.name]]
                total += (one.marginal if marginal else one.chi2)(s22, dm2, part)
            else:
                part = None
                if data is not None:
                    own = [data[..., self.slices[member.name]] for member in members]
                    part = np.concatenate(own, axis=-1)
                total += group_chi2(members, s22, dm2, part, with_log_det=marginal)
        return total

    def simulate(self, s22: Array, dm2: Array, rng: np.random.Generator) -> Array:
        """One data set (N, B) for each point (N,), every pull drawn, shared ones once."""
        pulls = rng.standard_normal((len(s22), len(self.nuisances)))
        return self._draw(s22, dm2, pulls, rng)

    def toys(self, s22: float, dm2: float, n: int, rng: np.random.Generator) -> Array:
        """Data sets (n, B) at one point."""
        pulls = rng.standard_normal((n, len(self.nuisances)))
        return self._draw(np.array([s22]), np.array([dm2]), pulls, rng)

    def _draw(self, s22: Array, dm2: Array, pulls: Array, rng: np.random.Generator) -> Array:
        pieces = []
        for member, columns in zip(self.experiments, self._places, strict=True):
            pieces.append(member.simulate(s22, dm2, pulls[:, columns], rng))
        return np.concatenate(pieces, axis=1)

    def describe(self) -> dict[str, Any]:
        """Experiments, groups and nuisances as plain JSON types."""
        return {
            "experiments": [member.describe() for member in self.experiments],
            "groups": [[member.name for member in members] for members in self.groups],
            "nuisances": list(self.nuisances),
        }
