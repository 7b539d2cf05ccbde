"""Along the longest axis of each mode: thin tails that neither starts nor chains come to.

A mode may be a ridge that goes on for many times the length of its fat part, thinner and thinner.
No start ends there, since chi2 falls towards the fat part, and a chain of the fat part's step size
hardly ever enters. So from each seed both ways along the softest direction are walked, one
standard deviation a step, and chi2 is minimised across it after each (predictor and corrector; E.
L. Allgower & K. Georg, Numerical Continuation Methods, 1990, ch. 2). Where the proposal is
too thin for what is found on the way, it gets a component.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .levenberg import Residuals, jacobian
from .student_mixture import StudentMixture

_STEPS = 40
_CORRECTIONS = 4
_LONGEST = 0.02  # of a side of the cube, in one step
_LOWEST = 9.0  # below the greatest height of all, in ln, where a walk ends
_UNIFORM = 12.0  # inverse variance of a uniform coordinate of the cube
_THIN = np.log(3.0)
"""Target over proposal, in units of the evidence, above which a component is added."""
_MOST = 150


@dataclass(frozen=True)
class Ridges:
    """Points on ridges.

    Attributes:
        u: Points (N, D) of the cube.
        roots: Cholesky roots (N, D, D) of the linearised covariance, no longer than two steps.
    """

    u: np.ndarray
    roots: np.ndarray


def follow(residuals: Residuals, seeds: np.ndarray, steps: int = _STEPS) -> Ridges:
    """Walk from seeds (K, D) along their softest direction, both ways.

    Args:
        residuals: Points of the cube to residuals in standard errors.
        seeds: Minima.
        steps: Most steps of each walk.

    Returns:
        All points on the way, seeds not among them.
    """
    u = np.concatenate([seeds, seeds])
    slope, r = _linear(residuals, u)
    values, vectors = _axes(slope)
    way = vectors[:, :, 0] * np.repeat([1.0, -1.0], len(seeds))[:, None]
    chi2 = np.einsum("nm,nm->n", r, r)
    top = np.max(-0.5 * chi2 - 0.5 * np.log(values[:, 1:]).sum(axis=1), initial=-np.inf)
    kept: list[tuple[np.ndarray, np.ndarray]] = []
    for _ in range(steps):
        if not len(u):
            break
        length = np.minimum(1 / np.sqrt(values[:, 0]), _LONGEST)
        new = np.clip(u + length[:, None] * way, 0.0, 1.0)
        new = _across(residuals, new, way)
        slope, r = _linear(residuals, new)
        values, vectors = _axes(slope)
        height = -0.5 * np.einsum("nm,nm->n", r, r) - 0.5 * np.log(values[:, 1:]).sum(axis=1)
        gone = np.einsum("nd,nd->n", new - u, way)  # backwards, or held by a face: an end
        with np.errstate(invalid="ignore"):
            good = (height > top - _LOWEST) & (gone > 0.1 * length) & np.isfinite(height)
        new, values, vectors, length = new[good], values[good], vectors[good], length[good]
        # the softest axis goes on in the direction that the walk has
        turn = np.sign(np.einsum("nd,nd->n", vectors[:, :, 0], way[good]))
        way = vectors[:, :, 0] * np.where(turn == 0, 1.0, turn)[:, None]
        u = new
        shrunk = values.copy()
        shrunk[:, 0] = np.maximum(values[:, 0], (2 * length) ** -2.0)
        covariance = np.einsum("nab,nb,ncb->nac", vectors, 1 / shrunk, vectors)
        kept.append((u, np.linalg.cholesky(covariance)))
    dim = seeds.shape[1]
    return Ridges(
        np.concatenate([part for part, _ in kept]) if kept else np.empty((0, dim)),
        np.concatenate([root for _, root in kept]) if kept else np.empty((0, dim, dim)),
    )


def _linear(residuals: Residuals, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Jacobian (N, M, D) and residuals (N, M); a huge residual where there is none."""
    r = residuals(u)
    slope = jacobian(residuals, u, r)
    return np.nan_to_num(slope, nan=0.0, posinf=0.0, neginf=0.0), np.nan_to_num(r, nan=1e3)


def _axes(slope: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues (N, D), ascending, and eigenvectors (N, D, D) of the precision."""
    precision = np.einsum("nmd,nme->nde", slope, slope) + _UNIFORM * np.eye(slope.shape[2])
    values, vectors = np.linalg.eigh(precision)
    return np.maximum(values, _UNIFORM), vectors


def _across(residuals: Residuals, u: np.ndarray, way: np.ndarray) -> np.ndarray:
    """Minimise chi2 in the plane across `way` (N, D), by damped Gauss-Newton steps."""
    r = np.nan_to_num(residuals(u), nan=1e3)
    chi2 = np.einsum("nm,nm->n", r, r)
    damping = np.full(len(u), 1e-3)
    unit = np.eye(u.shape[1])
    for _ in range(_CORRECTIONS):
        slope, r = _linear(residuals, u)
        slope = slope - np.einsum("nmd,nd,ne->nme", slope, way, way)
        matrix = np.einsum("nmd,nme->nde", slope, slope)
        size = np.einsum("ndd->n", matrix)[:, None, None]
        # along `way` the matrix is singular: a stiff spring holds that direction
        matrix = matrix + size * np.einsum("nd,ne->nde", way, way)
        matrix = matrix * (1 + damping[:, None, None] * unit) + 1e-12 * (size + 1.0) * unit
        gradient = np.einsum("nmd,nm->nd", slope, r)
        step = -np.linalg.solve(matrix, gradient[:, :, None])[:, :, 0]
        reach = np.abs(step).max(axis=1, keepdims=True)
        step *= np.minimum(1.0, _LONGEST / np.maximum(reach, 1e-300))
        new = np.clip(u + step, 0.0, 1.0)
        value = np.nan_to_num(residuals(new), nan=1e3)
        value = np.einsum("nm,nm->n", value, value)
        better = value < chi2
        u = np.where(better[:, None], new, u)
        chi2 = np.where(better, value, chi2)
        damping = np.where(better, damping * 0.1, damping * 10)
    return u


def thin_places(
    mixture: StudentMixture,
    ridges: Ridges,
    log_p: Callable[[np.ndarray], np.ndarray],
    log_z: float,
    most: int = _MOST,
) -> StudentMixture | None:
    """Components at points of ridges where the proposal is much thinner than the target.

    Args:
        mixture: The proposal.
        ridges: Where to look.
        log_p: Log of the unnormalised target (N,) at points (N, D).
        log_z: Log of its integral, roughly.
        most: Most components.

    Returns:
        Components with weights in units of the target's mass, or None.
    """
    if not len(ridges.u):
        return None
    log_target = log_p(ridges.u) - log_z
    log_q = mixture.log_density(ridges.u)
    chosen: list[int] = []
    heights: list[float] = []
    for _ in range(most):
        with np.errstate(invalid="ignore"):
            lack = np.where(np.isfinite(log_target), log_target - log_q, -np.inf)
        lack[chosen] = -np.inf
        # what lacks most counts by its mass: thin and light is not worth a component
        mass = log_target + np.log(np.einsum("ndd->nd", ridges.roots)).sum(axis=1)
        i = int(np.argmax(np.where(lack > _THIN, mass, -np.inf)))
        if not lack[i] > _THIN:
            break
        one = StudentMixture(np.ones(1), ridges.u[i : i + 1], ridges.roots[i : i + 1])
        shape = one.log_density(ridges.u)
        height = float(log_target[i] - shape[i])
        log_q = np.logaddexp(log_q, height + shape)
        chosen.append(i)
        heights.append(np.exp(min(height, 0.0)))
    if not chosen:
        return None
    return StudentMixture(np.array(heights), ridges.u[chosen], ridges.roots[chosen])
