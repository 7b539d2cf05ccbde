"""Draws of a network whose every denoising step is drawn to the measurement by the seesaw map.

Beyond the paper, and what is recommended: the network proposes, the map and its first derivatives
(`flows.pseudo_inverse`) say what is missing. No Casas-Ibarra coordinates, nothing solved
after the drawing. The draws have no density and follow no posterior.
"""

from typing import TYPE_CHECKING

import numpy as np
import torch

from ...base.seeds import stream
from ...core.prior import Prior
from ..flavour.nufit import OSCILLATION, nufit
from ..seesaw.fast_map import observables_from_theta
from ..seesaw.gradient import pullback
from ..seesaw.model import Seesaw
from .labels import Labels, from_box

if TYPE_CHECKING:
    from ...flows.conditional_flow import ConditionalFlow
    from ...flows.pseudo_inverse import Residuals

_MASSES = 2  # the first labels
_TINY = 1e-40  # eV^2: below it a splitting is as good as none


def label_residuals(labels: Labels, prior: Prior) -> "Residuals":
    """(label - L*) / sigma of points of the box, with derivatives; see `_residuals`."""
    return _residuals(labels, prior, labels.wanted[None], labels.sigma, True)


def observable_residuals(labels: Labels, prior: Prior, n: int, seed: int) -> "Residuals":
    """The same of the five oscillation observables, towards other values for each of n points.

    These are drawn from normal distributions about NuFIT's central values, within its errors: drawn
    to L* itself all points would have the moduli of L*, which fix abs(cos delta).
    """
    quantities = nufit(labels.model.ordering, labels.variant, OSCILLATION).quantities
    central = np.array([q.central for q in quantities])
    sigma = np.array([q.sigma for q in quantities])
    rng = stream(seed, "steered", "observables")
    return _residuals(labels, prior, central + sigma * rng.normal(size=(n, 5)), sigma, False)


def _residuals(
    labels: Labels, prior: Prior, wanted: np.ndarray, sigma: np.ndarray, eleven: bool
) -> "Residuals":
    """Residuals in sigma, and their derivatives by the points of the box.

    The splittings are compared by their logarithms, with the same slope where they are reached:
    over the prior they vary by many decades, and a linear step would lead out of it.

    Args:
        labels: The seesaw and its labels.
        prior: Of the 23 parameters.
        wanted: Values (1, m) or (N, m), one row a point.
        sigma: Their units (m,).
        eleven: Labels, or the five observables.
    """
    model = labels.model
    assert isinstance(model, Seesaw)
    count = len(sigma)
    aim = wanted[:, :_MASSES]
    relative = sigma[:_MASSES] / np.abs(aim)

    def residuals(u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        theta = from_box(prior, u)
        values = (
            labels.values(theta)
            if eleven
            else observables_from_theta(theta, model.ordering, model.vev)
        )
        rows = np.repeat(theta, count, axis=0)
        cotangents = np.tile(np.eye(count), (len(theta), 1))
        with np.errstate(all="ignore"):
            slopes = pullback(rows, cotangents, model.ordering, model.vev, labels=eleven)
            slopes = slopes.reshape(len(theta), count, -1) * _widths(prior, u)[:, None, :]
            pulls, slopes = (values - wanted) / sigma, slopes / sigma[:, None]
            ratio = np.maximum(np.abs(values[:, :_MASSES]), _TINY) / np.abs(aim)
            pulls[:, :_MASSES] = np.sign(aim) * np.log(ratio) / relative
            slopes[:, :_MASSES] *= (np.sign(values[:, :_MASSES] * aim) / ratio)[:, :, None]
        return pulls, slopes

    return residuals


def _widths(prior: Prior, u: np.ndarray) -> np.ndarray:
    """d theta / du (N, 23), by differences of the marginals' quantiles (exact where uniform)."""
    low, high = np.clip(u - 1e-6, 0, 1), np.clip(u + 1e-6, 0, 1)
    low, high = np.minimum(low, 1 - 1e-6), np.maximum(high, 1e-6)
    change: np.ndarray = from_box(prior, high) - from_box(prior, low)
    return change / (high - low)


def draw_steered(
    flow: "ConditionalFlow",
    labels: Labels,
    prior: Prior,
    n: int,
    seed: int = 0,
    *,
    sampler: str = "ddim",
    steps: int = 50,
    eta: float = 0.0,
    guidance: float = 1.0,
    to: str = "observables",
) -> np.ndarray:
    """Draws (n, 23) of a network at L*, steered, nothing removed.

    Args:
        flow: A network of the recipe.
        labels: The eleven labels.
        prior: Of the parameters.
        n: Number of draws.
        seed: Of the noise.
        sampler: ``ddim`` or ``ancestral``, or a solver of the equation of the flow.
        steps: Of the sampler.
        eta: Stochasticity of ``ddim``.
        guidance: Classifier-free scale of the network underneath.
        to: ``observables``: each draw to five values of its own, within NuFIT's errors;
            ``labels``: all draws to L*.
    """
    from ...flows.noise_schedules import draw_base
    from ...flows.ode_samplers import run_sampler
    from ...flows.pseudo_inverse import PseudoInverseGuided
    from ...flows.torch_threads import torch_defaults

    @torch_defaults()
    def draw() -> np.ndarray:
        plain = flow.field(labels.condition(labels.wanted[None])[0], guidance)
        residuals = (
            label_residuals(labels, prior)
            if to == "labels"
            else observable_residuals(labels, prior, n, seed)
        )
        field = PseudoInverseGuided(plain, residuals, flow.coordinates)
        rng = torch.Generator().manual_seed(int(stream(seed, "steered", "base").integers(2**63)))
        noise = draw_base((n, flow.dim), field.path, field.periodic, rng)
        own = int(stream(seed, "steered", "sampler").integers(2**63))
        with torch.no_grad():
            y = run_sampler(
                field,
                noise,
                sampler,
                steps,
                1.0 if sampler == "ancestral" else eta,
                own,
                lambda data: flow.coordinates.clip(data, "box"),
            )
        u: np.ndarray = flow.coordinates.to_cube(y)[0].numpy()
        return u

    return from_box(prior, draw())
