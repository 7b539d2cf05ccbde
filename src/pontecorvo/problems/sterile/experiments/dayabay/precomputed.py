"""What the 3+1 experiment needs, computed once: the three-flavour reference and the templates.

With |U_ei|^2 = cos^2 theta14 u_i (i = 1, 2, 3; u those of three flavours), the survival probability
is 1 - cos^4 theta14 (1 - P_3) - (sin^2 2theta14 / 2) sum_i u_i (1 - cos(dm2_4i L / 2E)), so that
counts are linear in cos^4 theta14 and sin^2 2theta14 with one template that depends on dm2_41.
"""

from dataclasses import dataclass

import numpy as np

from .....base.parallel import map_threads
from .....base.progress import Advance, progress
from .....physics.wave_packets import interference
from ...templates import dm2_axis
from .derivatives import free_jacobian, systematic_covariance
from .fit import fit
from .kinematics import PHASE
from .prediction import BINS, Model, State
from .release import DETECTOR_OF, SAMPLES, Array
from .statistic import variance
from .survival import damping

SIZE = len(SAMPLES) * BINS


@dataclass(frozen=True)
class Choice:
    """Options of the experiment.

    Attributes:
        statistic: "cnp", "pearson" or "neyman": the statistical variance.
        background: See `nuisances.Nuisances`.
        packets: Width of wave packets [nm]; None for plane waves.
    """

    statistic: str = "cnp"
    background: str = "absolute"
    packets: float | None = None


def tables(model: Model, choice: Choice, axis: Array | None = None) -> dict[str, Array]:
    """Reference and templates.

    Args:
        model: The prediction, with the extent of cores and detectors.
        choice: Options.
        axis: Nodes (M,) in log10(dm2_41 / eV^2).

    Returns:
        ``reference`` (546,) counts at the three-flavour best fit, ``background`` (546,),
        ``unoscillated`` (546,) inverse beta decays without any oscillation, ``templates`` (M, 546)
        counts lost for unit sin^2 2theta14, ``free`` (546, 21) slopes with sin^2 2theta13, dm2_32
        and the shape, ``statistical`` (546,) variance, ``systematic`` (546, 546) covariance,
        ``best`` (21,) fitted values, ``errors`` (2,), ``chi2`` (1,), ``axis`` (M,).
    """
    axis = dm2_axis() if axis is None else axis
    with progress("Daya Bay: three-flavour fit and templates", len(axis) * 1.25) as advance:
        found = fit(model, kind=choice.statistic)
        state = model.state(found.point)
        advance(0.25 * len(axis), note="tabulating")
        templates = sterile_templates(state, axis, advance, choice.packets)
    mixing = found.point.mixing
    slopes = free_jacobian(state)
    return {
        "reference": found.counts,
        "background": state.background.ravel(),
        "unoscillated": state.folded(state.emitted.sum(axis=1)).ravel(),
        "templates": templates,
        "free": np.delete(slopes, 2, axis=1),
        "statistical": variance(choice.statistic, model.data, found.counts),
        "systematic": systematic_covariance(state),
        "best": np.concatenate([[mixing.sin2_2theta13, mixing.dm2_32], found.point.shape]),
        "errors": np.array([found.errors["sin2_2theta13"], found.errors["dm2_32"]]),
        "chi2": np.array([found.chi2]),
        "axis": axis,
    }


def difference_templates(model: Model, choice: Choice, axis: Array) -> dict[str, Array]:
    """``templates`` (M, 546) of an oscillation between two further states, on an axis (M,)."""
    state = model.state(fit(model, kind=choice.statistic).point)
    return {"templates": sterile_templates(state, axis, None, choice.packets, difference=True)}


def sterile_templates(
    state: State,
    axis: Array,
    advance: Advance | None = None,
    packets: float | None = None,
    difference: bool = False,
) -> Array:
    """Counts (M, 546) lost for unit sin^2 2theta14, at log10(dm2_41 / eV^2) = axis (M,).

    With wave packets of a width `packets` [nm] the fourth state's terms are damped, in the middle
    of each cell of energy; what the three known neutrinos do among themselves is not. Of a
    `difference` between two further states the three know nothing.
    """
    model, energy = state.model, state.model.flux.energy
    emitted = state.emitted
    weight = state.mixing.without_sterile().weights()[:3]
    mass = state.mixing.masses()[:3]
    if difference:
        weight, mass = np.array([1.0, 0.0, 0.0]), np.zeros(3)
    over = model.release.baseline[..., None] / energy  # m / MeV
    # cos(phi_41 - phi_i1) summed with u_i: the phases among the light states are slow and common
    slow = 2 * PHASE * mass[:, None, None, None] * over
    even = np.einsum("i,idrc->drc", weight, np.cos(slow))
    odd = np.einsum("i,idrc->drc", weight, np.sin(slow))

    def one(log_dm2: float) -> Array:
        phase = 2 * PHASE * 10.0**log_dm2 * over
        factor = damping(10.0**log_dm2, phase, energy, model.cell, model.extent)
        if packets is None:
            lost = 0.5 - 0.5 * factor * (np.cos(phase) * even + np.sin(phase) * odd)
        else:
            each = [
                w * np.cos(phase - late) * interference(phase - late, energy, packets)
                for w, late in zip(weight, slow, strict=True)
            ]
            lost = 0.5 - 0.5 * factor * np.sum(each, axis=0)
        return state.folded(np.einsum("src,src->sc", emitted, lost[DETECTOR_OF])).ravel()

    state.matrices  # noqa: B018 - computed here once, not by every thread
    result = np.empty((len(axis), SIZE))
    for i, row in enumerate(map_threads(one, axis)):
        result[i] = row
        if advance is not None:
            advance(1)
    return result
