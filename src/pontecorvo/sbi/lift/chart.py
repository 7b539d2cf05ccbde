"""The lift as a chart of the package: any sampler draws the broad cloud, the target stays sharp."""

import numpy as np

from .lift import Lift


class LiftChart:
    """Unit cube -> prior -> lift -> parameters.

    In this chart the likelihood is as broad as the lift makes it, and `log_volume` is the exact
    one of the discrete map. Points that do not arrive, or whose way back ends elsewhere, have none:
    chains never see them, so that the chart stays one to one.

    Args:
        lift: The lift of the target that is sampled.
    """

    name = "lift"

    def __init__(self, lift: Lift) -> None:
        self.lift = lift
        self.periodic = lift.coordinates.periodic

    @property
    def dim(self) -> int:
        """Number of parameters."""
        return self.lift.coordinates.dim

    def to_parameters(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Parameters (N, P) of points (N, P) of the cube, and log[prior abs(d theta/du)] (N,)."""
        coordinates = self.lift.coordinates
        start = coordinates.from_cube(u)
        theta = np.full(u.shape, np.nan)
        volume = np.full(len(u), -np.inf)
        rows = np.flatnonzero(coordinates.reachable(start.y))
        if len(rows):
            few = start.take(rows)
            before = coordinates.to_parameters(few)
            part = self.lift.carry_points(few, before)
            gain = part.log_prior_y[1] - part.log_prior_y[0] + part.log_volume_y
            theta[rows] = part.theta
            volume[rows] = np.where(part.arrived & np.isfinite(gain), gain, -np.inf)
        return theta, volume

    def from_parameters(self, theta: np.ndarray) -> np.ndarray:
        """Points (N, P) of the cube; NaN where there is no way back."""
        coordinates = self.lift.coordinates
        start = coordinates.from_parameters(theta)
        part = self.lift.carry_points(start, theta, backward=True, with_volume=False)
        u = np.full(theta.shape, np.nan)
        rows = np.flatnonzero(part.arrived)
        if len(rows):
            back = coordinates.from_parameters(part.theta[rows])
            u[rows] = coordinates.to_cube(back)
        return u
