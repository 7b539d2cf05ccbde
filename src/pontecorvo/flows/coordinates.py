"""From the unit cube to the coordinates in which the flow lives, with the volume factor.

Two steps, each invertible: a map of every coordinate from (0, 1) to the real line, then an affine
map that gives the training data zero mean and unit variance. Periodic coordinates are only
rescaled, to a circle of circumference `paths.PERIOD`.

* ``affine``: z = sqrt(12) (u - 1/2). A flow can leave the cube through its faces.
* ``probit``: z = Phi^-1(u), log du/dz = log phi(z). A uniform u becomes exactly normal.
* ``logit``: z = log(u / (1 - u)), log du/dz = log u + log(1 - u).
"""

import math

import torch
from torch import Tensor

from ..base.errors import InputError, suggest
from .noise_schedules import PERIOD, wrap

MAPS = ["probit", "logit", "affine"]
WHITENINGS = ["diagonal", "full", "none"]
CLIPS = ["none", "box", "dynamic"]
_EDGE = 1e-15
_REACH = math.sqrt(12) / 2 * (1 - 1e-6)  # of affine coordinates, to just inside the cube's faces


def _to_line(u: Tensor, kind: str) -> Tensor:
    if kind == "affine":
        return (u - 0.5) * math.sqrt(12)
    inner = u.clamp(_EDGE, 1 - _EDGE)
    return torch.special.ndtri(inner) if kind == "probit" else torch.logit(inner)


def _from_line(z: Tensor, kind: str) -> tuple[Tensor, Tensor]:
    if kind == "affine":
        return z / math.sqrt(12) + 0.5, torch.full_like(z, -0.5 * math.log(12))
    if kind == "probit":
        return torch.special.ndtr(z), -0.5 * z * z - 0.5 * math.log(2 * math.pi)
    log = torch.nn.functional.logsigmoid
    return torch.sigmoid(z), log(z) + log(-z)


class Coordinates:
    """The map between the cube and the flow's coordinates, in float64.

    Args:
        periodic: Which coordinates (D,) are periodic.
        kind: ``probit``, ``logit`` or ``affine``.
        whitening: ``diagonal`` (unit variances), ``full`` (also no correlations) or ``none``.
    """

    def __init__(self, periodic: Tensor, kind: str = "probit", whitening: str = "diagonal") -> None:
        if kind not in MAPS:
            raise InputError(f"coordinates {kind!r} are unknown; {suggest(kind, MAPS)}")
        if whitening not in WHITENINGS:
            raise InputError(
                f"whitening {whitening!r} is unknown; {suggest(whitening, WHITENINGS)}"
            )
        self.periodic = periodic.bool()
        self.kind = kind
        self.whitening = whitening
        dim = len(periodic)
        self.mean = torch.zeros(dim, dtype=torch.float64)
        self.matrix = torch.eye(dim, dtype=torch.float64)

    def _line(self, u: Tensor) -> Tensor:
        return torch.where(self.periodic, (u - 0.5) * PERIOD, _to_line(u, self.kind))

    def fit(self, u: Tensor) -> None:
        """Take mean and scale from points (N, D) of the cube.

        Raises:
            InputError: If a coordinate does not vary.
        """
        z = self._line(u.double())
        dim = len(self.periodic)
        self.mean, self.matrix = torch.zeros(dim).double(), torch.eye(dim).double()
        free = torch.nonzero(~self.periodic).flatten()
        if self.whitening == "none" or len(free) == 0:
            return
        line = z[:, free]
        spread = line.std(dim=0)
        if not bool((torch.isfinite(spread) & (spread > 0)).all()):
            bad = free[~(torch.isfinite(spread) & (spread > 0))].tolist()
            raise InputError(
                f"training data: coordinate(s) {bad} do not vary or are not numbers; "
                "every coordinate of the cube must"
            )
        self.mean[free] = line.mean(dim=0)
        if self.whitening == "diagonal":
            factor = torch.diag(spread)
        else:
            covariance = torch.cov(line.T).reshape(len(free), len(free))
            factor = torch.linalg.cholesky(covariance + 1e-10 * torch.diag(spread**2))
        self.matrix[free.unsqueeze(1), free.unsqueeze(0)] = factor

    def to_flow(self, u: Tensor) -> Tensor:
        """Points (N, D) of the cube to the flow's coordinates, float64."""
        z = self._line(u.double()) - self.mean
        y = torch.linalg.solve_triangular(self.matrix, z.T, upper=False).T
        return wrap(y, self.periodic)

    def clip(self, y: Tensor, how: str) -> Tensor:
        """Points (N, D) of the flow's coordinates, brought into the cube.

        Args:
            y: Estimates of the data.
            how: ``box``: each coordinate to the nearest point of [0, 1]. ``dynamic``: as Imagen
                (arXiv:2205.11487, sec. 2.3), the whole point is shrunk towards the middle until
                95 % of its coordinates are inside, then clipped. ``none``: as they are. Only affine
                coordinates can leave the cube; others are left alone.
        """
        if how == "none" or self.kind != "affine":
            return y
        z = y.double() @ self.matrix.T + self.mean
        if how == "dynamic":
            size = torch.where(self.periodic, torch.zeros_like(z), z.abs() / _REACH)
            z = z / torch.quantile(size, 0.95, dim=1, keepdim=True).clamp_min(1.0)
        inside = torch.where(self.periodic, z, z.clamp(-_REACH, _REACH)) - self.mean
        back = torch.linalg.solve_triangular(self.matrix, inside.T, upper=False).T
        return wrap(back, self.periodic).to(y.dtype)

    def to_cube(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """The flow's coordinates (N, D) to the cube.

        Returns:
            Points u (N, D) and log abs(du/dy) (N,); the density in the cube is that of the flow
            divided by it. Affine coordinates can come back outside [0, 1].
        """
        u, slope = self.to_cube_by_coordinate(y)
        volume = torch.log(torch.diagonal(self.matrix)).sum()
        return u, slope.sum(dim=1) + volume

    def to_cube_by_coordinate(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """The flow's coordinates (N, D) to the cube, before whitening's factor.

        Returns:
            Points u (N, D), and log abs(du_i/dz_i) (N, D) with z = matrix y + mean.
        """
        z = y.double() @ self.matrix.T + self.mean
        u, slope = _from_line(z, self.kind)
        around = torch.remainder(z / PERIOD + 0.5, 1.0)
        u = torch.where(self.periodic, around, u)
        return u, torch.where(self.periodic, torch.full_like(z, -math.log(PERIOD)), slope)
