"""Which parameters of a model belong to charged leptons, which to neutrinos, which to both.

What both share is one small parameter that enters by integer powers, as in models with charges:

    entry = exp(own log-modulus) * shared**power * phase

so that another value of it, with other moduli, makes the same matrix. Over which values that is so
is known in closed form: draws of the two sectors meet wherever their ranges overlap.
"""

from dataclasses import dataclass

import numpy as np

from ...base.errors import InputError
from ...core.prior import Prior


@dataclass(frozen=True)
class Sector:
    """One sector's own parameters.

    Attributes:
        columns: Their columns; independent of all others in the prior.
        moduli: Those, of the columns, that are natural logs of moduli with a flat prior.
        powers: Power of the shared parameter by which each modulus is multiplied.
        phases: Sets of the columns that are phases in rad, uniform and periodic: a common shift of
            a set leaves the sector's masses as they are, and turns its rotation.
    """

    columns: tuple[int, ...]
    moduli: tuple[int, ...]
    powers: tuple[int, ...]
    phases: tuple[tuple[int, ...], ...] = ()

    def turned(self, theta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Parameters (N, P) with each set of phases shifted at random."""
        moved = theta.copy()
        for group in self.phases:
            shift = 2 * np.pi * rng.random((len(theta), 1))
            moved[:, list(group)] = (moved[:, list(group)] + shift) % (2 * np.pi)
        return moved

    def same_matrix(
        self, theta: np.ndarray, prior: Prior, shared: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Range (N,), (N,) of the shared parameter over which the same matrix is possible.

        Args:
            theta: Parameters (N, P).
            prior: Their prior.
            shared: Column of the shared parameter.
        """
        low, high = (np.full(len(theta), np.log(end)) for end in prior.marginals[shared].support)
        log_shared = np.log(theta[:, shared])
        for column, power in zip(self.moduli, self.powers, strict=True):
            if power == 0:
                continue
            bottom, top = prior.marginals[column].support
            size = theta[:, column] + power * log_shared
            ends = (size - top) / power, (size - bottom) / power
            low = np.maximum(low, np.minimum(*ends))
            high = np.minimum(high, np.maximum(*ends))
        here = theta[:, shared]  # rounding must not leave a point outside of its own range
        return np.minimum(np.exp(low), here), np.maximum(np.exp(high), here)

    def at(self, theta: np.ndarray, shared: int, value: np.ndarray) -> np.ndarray:
        """Parameters (N, P) that make the same matrix at values (N,) of the shared one."""
        moved = theta.copy()
        step = np.log(value / theta[:, shared])
        for column, power in zip(self.moduli, self.powers, strict=True):
            moved[:, column] -= power * step
        moved[:, shared] = value
        return moved


@dataclass(frozen=True)
class SectorSplit:
    """A model's parameters, split.

    Attributes:
        shared: Column of the positive parameter that both mass matrices need.
        charged: The charged leptons' own.
        neutrino: The neutrinos' own.
    """

    shared: int
    charged: Sector
    neutrino: Sector

    def check(self, prior: Prior) -> None:
        """Refuse a split that does not name each column once."""
        named = sorted((self.shared, *self.charged.columns, *self.neutrino.columns))
        if named != list(range(len(prior.marginals))):
            raise InputError(
                f"sectors: columns {named} must be 0 to {len(prior.marginals) - 1}, each once"
            )
        if not prior.marginals[self.shared].support[0] > 0:
            raise InputError("sectors: the shared parameter must be positive")
        for sector in (self.charged, self.neutrino):
            named = [*sector.moduli, *(column for group in sector.phases for column in group)]
            if not set(named) <= set(sector.columns) or len(set(named)) < len(named):
                raise InputError(
                    f"sectors: moduli and phases {named} must be columns of their sector, each once"
                )
