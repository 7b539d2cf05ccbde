"""Guidance by a model: every denoising step is drawn towards a measurement of a known function.

With D(x) a field's estimate of the data at noise b (a the signal), r the residuals of the
measurement in sigma and J their derivatives, x_0 given x is taken to be normal about D with
variance t^2 = b^2 / (a^2 + b^2); conditioned on r = 0 with unit errors its mean is

    D - t^2 J^T (t^2 J J^T + 1)^-1 r,

the pseudo-inverse guidance of Song, Vahdat, Mardani and Kautz (ICLR 2023). Nothing is learned, and
any network is guided. The first-order gradient (`guidance.GradientGuided`) has no step size that
is good for a measurement a thousand times sharper in one direction than in another; this has none
to choose.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from ..base.errors import InputError
from .coordinates import Coordinates
from .guidance import Field

Residuals = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Points u (N, D) of the cube -> residuals (N, m) in sigma, and their derivatives (N, m, D)."""
_ROUNDING = 1e-10  # of the trace: residuals that depend on one another leave the matrix singular


class PseudoInverseGuided:
    """A field whose estimate of the data is corrected towards r = 0.

    Args:
        field: The field to guide.
        residuals: The measurement, by points of the unit cube.
        coordinates: From the flow's coordinates to the cube.
        clip: How estimates are kept in the cube before and after (`Coordinates.clip`).
        largest: The norm of a correction is kept below this many times t, smoothly: where J is
            small a linear step leads anywhere.
    """

    def __init__(
        self,
        field: Field,
        residuals: Residuals,
        coordinates: Coordinates,
        clip: str = "box",
        largest: float = 30.0,
    ) -> None:
        self.field = field
        self.residuals = residuals
        self.coordinates = coordinates
        self.clip = clip
        self.largest = largest
        self.path = field.path
        self.periodic = field.periodic

    def velocity(self, x: Tensor, s: Tensor) -> Tensor:
        """Guided velocity: one evaluation of the field, one of the model and its derivatives."""
        level = self.path.level(s, self.periodic)
        data, _ = level.data_and_noise(x, self.field.velocity(x, s))
        data = self.coordinates.clip(data, self.clip)
        spread = (level.b / torch.sqrt(level.a**2 + level.b**2)).double().numpy()
        step = torch.from_numpy(self._correction(data, np.atleast_1d(spread)))
        data = self.coordinates.clip(data + step.to(data.dtype), self.clip)
        noise = (x - level.a * data) / level.b
        return level.da * data + level.db * noise

    def _correction(self, data: Tensor, spread: np.ndarray) -> np.ndarray:
        """Change (N, D) of the estimates (N, D) of the data; zero where r is no number."""
        u, slope = self.coordinates.to_cube_by_coordinate(data)
        residual, by_cube = self.residuals(u.numpy())
        jacobian = (by_cube * torch.exp(slope).numpy()[:, None, :]) @ (
            self.coordinates.matrix.numpy()
        )
        jacobian = jacobian * spread[..., None, :]  # t J
        usable = np.isfinite(residual).all(axis=1) & np.isfinite(jacobian).all(axis=(1, 2))
        residual = np.where(usable[:, None], residual, 0.0)
        jacobian = np.where(usable[:, None, None], jacobian, 0.0)
        square = jacobian @ np.swapaxes(jacobian, 1, 2)
        index = np.arange(square.shape[1])
        trace = square[:, index, index].sum(axis=1)
        square[:, index, index] += 1 + _ROUNDING * trace[:, None]
        solved = np.linalg.solve(square, residual[:, :, None])
        step = -(np.swapaxes(jacobian, 1, 2) @ solved)[:, :, 0]  # in units of t
        size = np.linalg.norm(step, axis=1, keepdims=True) / self.largest
        result: np.ndarray = spread * step / np.sqrt(1 + size**2)
        return result

    def velocity_and_diagonal(self, x: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
        """Refused: the model's map is no part of the network's graph.

        Raises:
            InputError: Always.
        """
        raise InputError(
            "guidance by a model: gives draws, not densities; draw without density, or use the lift"
        )
