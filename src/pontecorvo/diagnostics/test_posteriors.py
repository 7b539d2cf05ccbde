r"""A posterior that is known exactly, and the classic ways of getting it wrong.

Two parameters. theta_2 ~ N(0, 1), x_2 = theta_2 + 0.5 noise: a normal posterior. theta_1 = +-a with
a ~ N(3, 1) and a fair sign, x_1 = a + 0.5 noise: two modes of equal weight. Every diagnostic is
tried on these, right and spoilt, so that its alarms are known to mean something.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from ..base.errors import InputError, suggest
from ..base.seeds import stream
from .calibration_set import Trials

_SIGMA = np.sqrt(0.2)  # posterior width: prior variance 1 and noise variance 1/4


@dataclass(frozen=True)
class Fault:
    """How a claimed posterior differs from the right one.

    Attributes:
        width: Factor on the widths.
        shift: Displacement in posterior standard deviations, of both parameters.
        modes: Whether both modes of theta_1 are there.
    """

    width: float = 1.0
    shift: float = 0.0
    modes: bool = True


FAULTS = {
    "right": Fault(),
    "too narrow": Fault(width=0.7),
    "too wide": Fault(width=1.4),
    "shifted": Fault(shift=0.75),
    "missing mode": Fault(modes=False),
}


def fault_named(name: str) -> Fault:
    """The fault of that name in `FAULTS`."""
    if name not in FAULTS:
        raise InputError(f"fault {name!r}; {suggest(name, list(FAULTS))}")
    return FAULTS[name]


def simulate(s: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """True parameters (S, 2) and data (S, 2)."""
    a, theta_2 = rng.normal(3, 1, s), rng.normal(size=s)
    data = np.column_stack([a, theta_2]) + 0.5 * rng.normal(size=(s, 2))
    return np.column_stack([a * rng.choice([-1.0, 1.0], s), theta_2]), data


def draw(data: np.ndarray, n: int, fault: Fault, rng: np.random.Generator) -> np.ndarray:
    """Draws (S, n, 2) of the claimed posterior at data (S, 2)."""
    centre, width = _centre(data, fault)
    draws = centre[:, None] + width * rng.normal(size=(len(data), n, 2))
    if fault.modes:
        draws[..., 0] *= rng.choice([-1.0, 1.0], draws.shape[:2])
    return draws


def log_density(theta: np.ndarray, data: np.ndarray, fault: Fault) -> np.ndarray:
    """Log density (S, n) of the claimed posterior at theta (S, n, 2)."""
    centre, width = _centre(data, fault)
    first, second = centre[:, :1], centre[:, 1:]
    plus = norm.logpdf(theta[..., 0], first, width)
    if fault.modes:
        plus = np.logaddexp(plus, norm.logpdf(-theta[..., 0], first, width)) - np.log(2)
    return plus + norm.logpdf(theta[..., 1], second, width)


def make_trials(
    fault: str | Fault, s: int, n: int, seed: int, proposal: Fault | None = None
) -> Trials:
    """S data sets with n draws each of a claimed posterior.

    Args:
        fault: What is wrong with the claim, by name or in numbers.
        s: Number of data sets.
        n: Draws for each.
        seed: Seed.
        proposal: Where the draws come from, if not from the claim itself: then they carry the
            importance weights that turn them into the claim.
    """
    claim = fault_named(fault) if isinstance(fault, str) else fault
    rng = stream(seed, "specimens")
    truth, data = simulate(s, rng)
    source = proposal or claim
    draws = draw(data, n, source, rng)
    at_draws, at_truth = (log_density(t, data, claim) for t in (draws, truth[:, None]))
    weights = truth_weight = None
    if proposal is not None:
        weights = at_draws - log_density(draws, data, proposal)
        truth_weight = (at_truth - log_density(truth[:, None], data, proposal))[:, 0]
    return Trials(
        truth=truth,
        draws=draws,
        log_weights=weights,
        truth_log_weight=truth_weight,
        log_density=at_draws,
        truth_log_density=at_truth[:, 0],
        data=data,
        names=("theta_1", "theta_2"),
    )


def _centre(data: np.ndarray, fault: Fault) -> tuple[np.ndarray, float]:
    """Centre of the positive mode (S, 2) and width of the claimed posterior."""
    prior = np.array([3.0, 0.0])
    centre = 0.2 * prior + 0.8 * data + fault.shift * _SIGMA
    return centre, float(fault.width * _SIGMA)
