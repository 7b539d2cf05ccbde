"""A second sampler of the same posterior, to compare with."""

from dataclasses import dataclass

from ..core.problem import Sampler


@dataclass(frozen=True)
class Reference:
    """Another sampler of the same posterior, for the report to compare with.

    Attributes:
        name: What to call it.
        sampler: The sampler.
        draws: Number of its draws.
    """

    name: str
    sampler: Sampler
    draws: int
