"""Noise schedules: one formalism, x_s = a(s) x_0 + b(s) eps, for diffusion and for flows.

A path carries data x_0 (at ``s = start``) to noise (at ``s = end``). Its natural variable s is
chosen so that the Wronskian ``a b' - b a'`` is one; then a velocity v = a' x_0 + b' eps, the noise
and the data follow from each other without singular factors:

    x_0 = (b' x - b v) / (a b' - b a'),    eps = (a v - a' x) / (a b' - b a').

Periodic coordinates live on a circle of circumference `PERIOD` and keep a = 1: noise is added to
the angle and wrapped, so the density at the noisy end is uniform on the circle.

Sources: DDPM arXiv:2006.11239; score-based SDEs arXiv:2011.13456; v-prediction arXiv:2202.00512;
EDM arXiv:2206.00364; flow matching arXiv:2210.02747; geodesic flows on a torus arXiv:2302.03660.
"""

import math
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from ..base.errors import InputError, suggest

PERIOD = math.sqrt(12.0)
"""Circumference of a periodic coordinate: uniform noise on it has unit variance."""
_WIDE = 0.65 * PERIOD  # a wrapped normal this wide is uniform to 5e-4


class Level(NamedTuple):
    """Coefficients of a path and their derivatives by s, each broadcast over (..., D)."""

    a: Tensor
    b: Tensor
    da: Tensor
    db: Tensor

    def data_and_noise(self, x: Tensor, velocity: Tensor) -> tuple[Tensor, Tensor]:
        """Estimates of x_0 and eps that a velocity means at x (the formulas above)."""
        wronskian = self.a * self.db - self.b * self.da
        data = (self.db * x - self.b * velocity) / wronskian
        noise = (self.a * velocity - self.da * x) / wronskian
        return data, noise

    def score(self, x: Tensor, velocity: Tensor) -> Tensor:
        """Gradient of log p_s at x: minus the expected noise over b (Tweedie's formula).

        Holds for normal noise; for the uniform noise of a geodesic it is the moment-matched guess.
        """
        return -self.data_and_noise(x, velocity)[1] / self.b


@dataclass(frozen=True)
class Path(ABC):
    """A schedule. Subclasses give the coefficients; times are float64 tensors of any shape."""

    name: ClassVar[str]
    spacing: ClassVar[float] = 1.0
    """Exponent of the solver's grid in s (EDM's rho)."""
    gaussian_circle: ClassVar[bool] = True
    """Whether noise on periodic coordinates is (wrapped) normal; else uniform on the circle."""

    @property
    @abstractmethod
    def start(self) -> float:
        """Natural variable at the data's end."""

    @property
    @abstractmethod
    def end(self) -> float:
        """Natural variable at the noise's end."""

    @abstractmethod
    def line(self, s: Tensor) -> Level:
        """Coefficients on the real line."""

    @abstractmethod
    def circle(self, s: Tensor) -> Level:
        """Coefficients on a periodic coordinate (a = 1)."""

    @abstractmethod
    def training_time(self, u: Tensor) -> Tensor:
        """Natural variable at which to train, from uniform u in (0, 1]."""

    def level(self, s: Tensor, periodic: Tensor, precision: torch.dtype = torch.float32) -> Level:
        """Coefficients in every coordinate, shape s.shape + (D,).

        Args:
            s: Natural variable, any shape, float64.
            periodic: Which coordinates (D,) are periodic.
            precision: Of the answer.
        """
        line = [c.unsqueeze(-1).to(precision) for c in self.line(s)]
        if not bool(periodic.any()):
            shape = (*s.shape, len(periodic))
            return Level(*(c.expand(shape) for c in line))
        circle = [c.unsqueeze(-1).to(precision) for c in self.circle(s)]
        return Level(*(torch.where(periodic, c, l) for c, l in zip(circle, line, strict=True)))

    def features(self, s: Tensor) -> Tensor:
        """What the network is told of the time: shape s.shape + (2,), each about in [-1, 1].

        The solver's own time, and the log of the noise-to-signal ratio, which tells the last
        stretch before the data apart.
        """
        level = self.line(s)
        progress = 2 * self.progress(s) - 1
        # the floor keeps the field smooth in time: a feature that bends sharply near the data costs
        # solver and quadrature more steps than it saves the network
        ratio = torch.log((level.b + 0.01) / (level.a + 0.01)) / math.log(100)
        return torch.stack([progress, ratio], dim=-1).float()

    def at(self, progress: Tensor) -> tuple[Tensor, Tensor]:
        """Natural variable s and ds/dq at the solver's time q in [0, 1] (0 is data, 1 is noise)."""
        low, high = self.start ** (1 / self.spacing), self.end ** (1 / self.spacing)
        root = low + progress * (high - low)
        return root**self.spacing, self.spacing * root ** (self.spacing - 1) * (high - low)

    def progress(self, s: Tensor) -> Tensor:
        """Inverse of `at`."""
        low, high = self.start ** (1 / self.spacing), self.end ** (1 / self.spacing)
        return (s ** (1 / self.spacing) - low) / (high - low)

    def ladder(self, steps: int) -> Tensor:
        """Natural variables (steps + 1,) of a step-by-step sampler, from noise down to data."""
        return self.at(torch.linspace(1, 0, steps + 1, dtype=torch.float64))[0]

    def base_scale(self) -> float:
        """Standard deviation of the noisy end for data of unit variance."""
        end = self.line(torch.tensor(self.end, dtype=torch.float64))
        return float(torch.hypot(end.a, end.b))

    def describe(self) -> dict[str, Any]:
        """Name and settings, as `make_path` takes them."""
        return {"name": self.name, **asdict(self)}


@dataclass(frozen=True)
class FlowMatching(Path):
    """Optimal-transport path a = 1 - s, b = s (arXiv:2210.02747, eq. 20 with sigma_min = 0).

    On a circle x_s = x_0 + s eps with eps uniform: the geodesic to a uniform end.

    Attributes:
        time_power: Train at s = u^power; above one spends more effort near the data.
    """

    name: ClassVar[str] = "flow-matching"
    gaussian_circle: ClassVar[bool] = False
    time_power: float = 1.0

    @property
    def start(self) -> float:
        """Data without noise."""
        return 0.0

    @property
    def end(self) -> float:
        """Noise without data."""
        return 1.0

    def line(self, s: Tensor) -> Level:
        """a = 1 - s, b = s."""
        one = torch.ones_like(s)
        return Level(1 - s, s, -one, one)

    def circle(self, s: Tensor) -> Level:
        """a = 1, b = s."""
        one = torch.ones_like(s)
        return Level(one, s, 0 * s, one)

    def training_time(self, u: Tensor) -> Tensor:
        """Uniform in s for power one."""
        return u**self.time_power


@dataclass(frozen=True)
class VariancePreserving(Path):
    """Diffusion a^2 + b^2 = 1 with the DDPM's linear beta schedule (arXiv:2006.11239).

    s is the angle with a = cos s, b = sin s, so the velocity is the v-prediction of
    arXiv:2202.00512. At the K-th of T times, a^2 = prod_{k<=K} (1 - beta_k); between them the sum
    of logs is replaced by its midpoint integral, exact to 1e-8 at the whole times.

    Attributes:
        steps: T, the number of times.
        beta_first: beta_1.
        beta_last: beta_T.
        discrete: Train at the T times only, as the DDPM does, or at all between 1/T and 1.
    """

    name: ClassVar[str] = "vp"
    steps: int = 1000
    beta_first: float = 1e-4
    beta_last: float = 0.02
    discrete: bool = False

    def __post_init__(self) -> None:
        if not (self.steps >= 2 and 0 < self.beta_first < self.beta_last < 1):
            raise InputError(
                f"vp path: steps {self.steps}, beta {self.beta_first} to {self.beta_last}; "
                "need at least 2 steps and 0 < beta_first < beta_last < 1"
            )

    def angle(self, t: Tensor) -> Tensor:
        """Natural variable at time t in [0, 1] (t = k/T is the DDPM's k-th step)."""
        slope = (self.beta_last - self.beta_first) / (self.steps - 1)

        def integral(k: Tensor) -> Tensor:
            keep = 1 - (self.beta_first + (k - 1) * slope)
            return keep * (1 - torch.log(keep)) / slope

        half = torch.full_like(t, 0.5)
        log_square = integral(self.steps * t + half) - integral(half)
        return torch.atan2(torch.sqrt(-torch.expm1(log_square)), torch.exp(log_square / 2))

    @property
    def start(self) -> float:
        """First noisy time of the DDPM."""
        return float(self.angle(torch.tensor(1 / self.steps, dtype=torch.float64)))

    @property
    def end(self) -> float:
        """Last time of the DDPM."""
        return float(self.angle(torch.tensor(1.0, dtype=torch.float64)))

    def line(self, s: Tensor) -> Level:
        """a = cos s, b = sin s."""
        cosine, sine = torch.cos(s), torch.sin(s)
        return Level(cosine, sine, -sine, cosine)

    def circle(self, s: Tensor) -> Level:
        """a = 1 and b proportional to s, wide enough at the end to be uniform."""
        one = torch.ones_like(s)
        rate = _WIDE / self.end
        return Level(one, rate * s, 0 * s, rate * one)

    def training_time(self, u: Tensor) -> Tensor:
        """Uniform over the DDPM's times."""
        if self.discrete:
            return self.angle(torch.ceil(u * self.steps).clamp(1, self.steps) / self.steps)
        return self.angle(1 / self.steps + u * (1 - 1 / self.steps))

    def ladder(self, steps: int) -> Tensor:
        """Even in the DDPM's time; with `steps` = T - 1 it is the DDPM's own chain."""
        return self.angle(torch.linspace(1, 1 / self.steps, steps + 1, dtype=torch.float64))


@dataclass(frozen=True)
class VarianceExploding(Path):
    """Score matching with a = 1, b = s = sigma (arXiv:2011.13456; grid of arXiv:2206.00364).

    Attributes:
        sigma_min: Smallest noise, for data of unit variance.
        sigma_max: Largest noise.
    """

    name: ClassVar[str] = "ve"
    spacing: ClassVar[float] = 7.0
    sigma_min: float = 0.002
    sigma_max: float = 30.0

    def __post_init__(self) -> None:
        if not 0 < self.sigma_min < self.sigma_max:
            raise InputError(
                f"ve path: sigma {self.sigma_min} to {self.sigma_max}; "
                "need 0 < sigma_min < sigma_max"
            )

    @property
    def start(self) -> float:
        """The smallest noise."""
        return self.sigma_min

    @property
    def end(self) -> float:
        """The largest noise."""
        return self.sigma_max

    def line(self, s: Tensor) -> Level:
        """a = 1, b = s."""
        one = torch.ones_like(s)
        return Level(one, s, 0 * s, one)

    def circle(self, s: Tensor) -> Level:
        """a = 1, b = s at small noise, levelling off where the circle is full."""
        one = torch.ones_like(s)
        ceiling = _WIDE / (1 - _WIDE / self.sigma_max) if self.sigma_max > 2 * _WIDE else 2 * _WIDE
        shrink = ceiling / (s + ceiling)
        return Level(one, s * shrink, 0 * s, shrink**2)

    def training_time(self, u: Tensor) -> Tensor:
        """Log-uniform in sigma."""
        return self.sigma_min * (self.sigma_max / self.sigma_min) ** u


PATHS: dict[str, type[Path]] = {
    path.name: path for path in (FlowMatching, VariancePreserving, VarianceExploding)
}


def make_path(name: str, **settings: Any) -> Path:
    """Build a path by name: ``flow-matching``, ``vp`` (DDPM, v-prediction) or ``ve`` (NPSE).

    Raises:
        InputError: If the name or a setting is unknown, or a setting out of range.
    """
    if name not in PATHS:
        raise InputError(f"path {name!r} is unknown; {suggest(name, list(PATHS))}")
    known = list(PATHS[name].__dataclass_fields__)
    for key in settings:
        if key not in known:
            raise InputError(f"path {name}: unknown setting {key!r}; {suggest(key, known)}")
    return PATHS[name](**settings)


def wrap(x: Tensor, periodic: Tensor) -> Tensor:
    """Bring periodic coordinates (..., D) into [-PERIOD/2, PERIOD/2)."""
    if not bool(periodic.any()):
        return x
    return torch.where(periodic, torch.remainder(x + PERIOD / 2, PERIOD) - PERIOD / 2, x)


def draw_noise(
    shape: tuple[int, int], path: Path, periodic: Tensor, rng: torch.Generator
) -> Tensor:
    """Unit-variance noise eps (N, D): normal; uniform on the circle where the path says so."""
    noise = torch.randn(shape, generator=rng)
    if not path.gaussian_circle and bool(periodic.any()):
        uniform = (torch.rand(shape, generator=rng) - 0.5) * PERIOD
        noise = torch.where(periodic, uniform, noise)
    return noise


def draw_base(shape: tuple[int, int], path: Path, periodic: Tensor, rng: torch.Generator) -> Tensor:
    """Points (N, D) of the noisy end: normal with `base_scale`; uniform on circles."""
    noise = torch.randn(shape, generator=rng) * path.base_scale()
    if bool(periodic.any()):
        uniform = (torch.rand(shape, generator=rng) - 0.5) * PERIOD
        noise = torch.where(periodic, uniform, noise)
    return noise


def base_log_density(x: Tensor, path: Path, periodic: Tensor) -> Tensor:
    """Log-density (N,) of `draw_base`, float64."""
    scale = path.base_scale()
    normal = -0.5 * (x.double() / scale) ** 2 - math.log(scale * math.sqrt(2 * math.pi))
    flat = torch.full_like(normal, -math.log(PERIOD))
    return torch.where(periodic, flat, normal).sum(-1)
