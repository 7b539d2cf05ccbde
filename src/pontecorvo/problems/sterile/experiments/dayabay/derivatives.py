"""How the expected counts move with every parameter: the Jacobian, analytic where that is simple.

Response and oscillation parameters are differentiated by a four-point central difference of the
stage they touch; everything that enters linearly is exact.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array, diags_array

from .nuisances import Values
from .prediction import BINS, State, contract, source_weights
from .release import DETECTOR_OF, SAMPLES, Array
from .survival import Mixing, survival

SIZE = len(SAMPLES) * BINS
# f'(0) = [8 (f(h) - f(-h)) - (f(2h) - f(-2h))] / 12h
_STEPS = ((0.05, 8.0), (-0.05, -8.0), (0.1, -1.0), (-0.1, 1.0))


def _difference(function: Callable[[float], Array]) -> Array:
    first, *rest = (weight * function(step) for step, weight in _STEPS)
    return (first + rest[0] + rest[1] + rest[2]) / (12 * 0.05)


def jacobian(state: State) -> Array:
    """Change (546, K) of the counts for one standard deviation of each systematic pull."""
    nuisances = state.model.nuisances
    pulls = np.zeros(len(nuisances)) if state.point.pulls is None else state.point.pulls
    result = np.zeros((SIZE, len(nuisances)))
    for group, where in nuisances.groups.items():
        if group not in ("hm_corr", "hm_uncorr"):
            for index in range(where.start, where.stop):
                result[:, index] = _column(state, _STAGE[group], pulls, index)
    hm = _spectrum_jacobian(state)
    uncorrelated, flux = nuisances.groups["hm_uncorr"], state.model.flux
    eta, zeta = state.values.spectrum_uncorrelated, state.values.spectrum_correlated
    own = flux.sigma_uncorrelated * (1 + zeta * flux.sigma_correlated)
    result[:, uncorrelated] = (hm * own).reshape(SIZE, -1)
    common = flux.sigma_correlated * (1 + eta * flux.sigma_uncorrelated)
    result[:, nuisances.groups["hm_corr"]] = (hm * common).sum(axis=(1, 2))[:, None]
    return result


def _column(
    state: State, stage: Callable[[State, Values], Array], pulls: Array, index: int
) -> Array:
    def at(step: float) -> Array:
        shifted = pulls.copy()
        shifted[index] += step
        return stage(state, state.model.nuisances.values(shifted))

    return _difference(at).ravel()


def free_jacobian(state: State) -> Array:
    """Change (546, 22) with sin^2 2theta13, dm2_32 [eV^2], normalisation and the 19 shape nodes."""
    model, mixing = state.model, state.mixing
    result = np.empty((SIZE, 22))
    scales = {"sin2_2theta13": 0.02, "dm2_32": 1e-4}
    for column, (name, scale) in enumerate(scales.items()):
        centre = getattr(mixing, name)

        def at(
            step: float, name: str = name, centre: float = centre, scale: float = scale
        ) -> Array:
            return _oscillated(state, replace(mixing, **{name: centre + step * scale}))

        result[:, column] = _difference(at).ravel() / scale
    result[:, 2] = state.ibd.ravel() / state.point.normalisation
    main = np.einsum("srk,kc->src", state.weights[..., :4], state.main, optimize=True)
    signal = np.einsum("src,src->sc", main, state.survival[DETECTOR_OF], optimize=True)
    result[:, 3:] = _fold(state, signal, csr_array(model.flux.shape.T))
    return result


def _spectrum_jacobian(state: State) -> Array:
    """Change (546, 4, 226) with the Huber-Mueller spectrum of each isotope at each node."""
    flux = state.model.flux
    spectra = flux.spectra * state.shape_factor
    hats = csr_array(flux.node_hat.T)
    columns = []
    for isotope in range(4):
        seen = np.einsum(
            "sr,src->sc", state.weights[..., isotope], state.survival[DETECTOR_OF], optimize=True
        )
        columns.append(_fold(state, seen * spectra[isotope], hats))
    return np.stack(columns, axis=1)


def _fold(state: State, signal: Array, hats: csr_array) -> Array:
    """Counts (546, n) when the signal (S, C) is multiplied by each column of hats (C, n)."""
    result = np.empty((len(SAMPLES), BINS, hats.shape[1]))
    efficiency = state.point.normalisation * state.values.efficiency
    for s, d in enumerate(DETECTOR_OF):
        folded = (state.model.deposit @ diags_array(signal[s]) @ hats).toarray()
        result[s] = efficiency[d] * (state.matrices[d] @ folded)
    return result.reshape(SIZE, -1)


def _oscillated(state: State, mixing: Mixing) -> Array:
    model = state.model
    probability = survival(
        mixing, model.release.baseline, model.flux.energy, model.cell, model.extent
    )
    signal = np.einsum("src,src->sc", state.emitted, probability[DETECTOR_OF], optimize=True)
    return state.folded(signal)


def _solar(state: State, values: Values) -> Array:
    changed = replace(state.mixing, dm2_21=values.dm2_21, sin2_2theta12=values.sin2_2theta12)
    return _oscillated(state, changed)


def _detector(state: State, values: Values) -> Array:
    matrices = state.model.response.matrices(
        values.iav, values.lsnl, values.energy_scale, values.eres
    )
    return state.binned(state.raw, values, matrices)


def _reactor(state: State, values: Values) -> Array:
    weights = source_weights(state.model.flux, values)
    return state.binned(contract(weights, state.deposited), values)


def _background(state: State, values: Values) -> Array:
    return np.einsum("ks,ksb->sb", values.background, state.model.background_shape)


_STAGE: dict[str, Callable[[State, Values], Array]] = {
    "survival_probability": _solar,
    **dict.fromkeys(("eres", "lsnl", "iav", "detector_relative"), _detector),
    **dict.fromkeys(("energy_per_fission", "thermal_power", "snf", "neq"), _reactor),
    "fission_fractions": _reactor,
    "background_rate": _background,
}


def group_covariances(state: State) -> dict[str, Array]:
    """Covariance (546, 546) of each group of systematics, linearised at the state."""
    full = jacobian(state)
    groups = state.model.nuisances.groups
    return {group: full[:, where] @ full[:, where].T for group, where in groups.items()}


def systematic_covariance(state: State) -> Array:
    """Covariance (546, 546) of all systematics, linearised at the state."""
    full = jacobian(state)
    return full @ full.T
