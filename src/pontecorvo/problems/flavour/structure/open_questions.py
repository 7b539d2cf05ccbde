"""Four figures of arXiv:2503.21432 as questions: heavy masses, CP phases, m_ee, hierarchy.

Each is answered for the posterior, the prior and, where there is one, the prior that knows the
measurement, since a tendency that the prior has too is the prior's. Circles and orders have shapes
of their own, so that each is also held against the plainest thing that could make it: correlations
of heavy masses against those that their order makes, CP phases against flat ones, the place of m_ee
in its band against flat Majorana phases at the same masses and angles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ....base.quantiles import weighted_quantiles
from ....base.seeds import stream
from ....physics.pmns import pmns_parameters
from ..hierarchy import FOUNDING_PAPER, digit_fractions, hierarchy_digits
from .structure_draws import StructureDraws

__all__ = ["Answer", "answers", "heavy_mass_correlations"]

EDGE = 0.1  # of the width of m_ee's band at each end
_FLAT = 20  # pairs of flat Majorana phases for each draw
_KUIPER = 2.3  # sqrt(n) V is larger with probability 0.1 % for a flat phase (N. Kuiper, 1960)
_QUARTILES = np.array([0.25, 0.5, 0.75])
_PHASES = ("delta_cp", "alpha21", "alpha31")

Samples = dict[str, StructureDraws]


@dataclass(frozen=True)
class Answer:
    """One question answered: a name, a sentence with its numbers, and the numbers by sample."""

    question: str
    sentence: str
    values: dict[str, Any]


def answers(
    posterior: StructureDraws, prior: StructureDraws, knows: StructureDraws | None = None
) -> tuple[Answer, ...]:
    """What the draws say to the four questions.

    Args:
        posterior: Weighted draws of the posterior.
        prior: Weighted draws of the prior.
        knows: Draws of the prior that knows the measurement, where there are any.
    """
    samples = {"posterior": posterior, "prior": prior}
    if knows is not None and knows.y is not prior.y:
        samples["reference"] = knows
    found = [_heavy_masses(samples)] if posterior.canonical[1].shape[1] > 1 else []
    return (*found, _cp_phases(samples), _m_ee(samples), _digits(samples))


def heavy_mass_correlations(draws: StructureDraws) -> dict[str, tuple[float, float]]:
    """Correlations of neighbouring log M, and the same given the scale of Y (tr Y^dagger Y)."""
    y, m = draws.canonical
    scale = np.log10(np.sum(np.abs(y) ** 2, axis=(1, 2)))
    result = {}
    for i in range(m.shape[1] - 1):
        table = np.stack([np.log10(m[:, i]), np.log10(m[:, i + 1]), scale])
        moved = table - (table @ draws.w)[:, None]
        covariance = (moved * draws.w) @ moved.T
        spread = np.sqrt(np.maximum(np.diag(covariance), 1e-300))
        matrix = covariance / np.outer(spread, spread)
        inverse = np.linalg.pinv(matrix)
        partial = -inverse[0, 1] / np.sqrt(inverse[0, 0] * inverse[1, 1])
        result[f"log M{i + 1}, log M{i + 2}"] = (float(matrix[0, 1]), float(partial))
    return result


def _heavy_masses(samples: Samples) -> Answer:
    found = {name: heavy_mass_correlations(draws) for name, draws in samples.items()}
    effective = {name: draws.effective for name, draws in samples.items()}
    values: dict[str, Any] = {}
    parts = []
    for pair in found["posterior"]:
        row = {}
        for name in samples:
            plain, partial = found[name][pair]
            error = (1 - plain**2) / np.sqrt(effective[name])
            row[name] = {"correlation": plain, "error": error, "given_scale_of_Y": partial}
        values[pair] = row
        here, there = row["posterior"], row["prior"]
        gap = abs(here["correlation"]) - abs(there["correlation"])
        noise = 3 * np.hypot(here["error"], there["error"])
        word = "stronger than" if gap > noise else "weaker than" if gap < -noise else "as in"
        parts.append(
            f"{pair} {here['correlation']:.2f} +- {here['error']:.2f}, {word} the prior "
            f"({there['correlation']:.2f}); given the scale of Y "
            f"{here['given_scale_of_Y']:.2f} (prior {there['given_scale_of_Y']:.2f})"
        )
    return Answer("heavy masses", f"Heavy-mass correlations: {'; '.join(parts)}.", values)


def _phases(draws: StructureDraws) -> np.ndarray:
    """delta, alpha21, alpha31 (3, N) in degrees, [0, 360)."""
    _, _, _, delta, alpha21, alpha31 = pmns_parameters(draws.mixing[0])
    return np.asarray(np.rad2deg(np.stack([delta, alpha21, alpha31])) % 360.0)


def _distance_from_flat(x: np.ndarray, w: np.ndarray) -> float:
    """Kuiper's D+ + D- of x (N,) in [0, 360) with weights: no angle is the first on a circle."""
    order = np.argsort(x)
    height = np.concatenate([[0.0], np.cumsum(w[order])])
    flat = x[order] / 360.0
    return float((height[1:] - flat).max() + (flat - height[:-1]).max())


def _cp_phases(samples: Samples) -> Answer:
    values: dict[str, Any] = {}
    for name, draws in samples.items():
        root = np.sqrt(draws.effective)
        for phase, x in zip(_PHASES, _phases(draws), strict=True):
            away = _distance_from_flat(x, draws.w)
            values.setdefault(phase, {})[name] = {
                "quartiles": weighted_quantiles(x, draws.w, _QUARTILES).tolist(),
                "error_of_a_quartile_if_flat": float(360 * np.sqrt(3) / 4 / root),
                "distance_from_flat": away,
                "flat": bool(root * away < _KUIPER),
            }
    parts = []
    for phase in _PHASES:
        here = values[phase]["posterior"]
        quartiles = ", ".join(f"{q:.0f}" for q in here["quartiles"])
        prior = "flat" if values[phase]["prior"]["flat"] else "not flat either"
        word = "flat within errors" if here["flat"] else f"not flat (the prior's is {prior})"
        parts.append(f"{phase} {quartiles} +- {here['error_of_a_quartile_if_flat']:.0f}, {word}")
    return Answer(
        "CP phases",
        f"CP phases, quartiles in degrees (flat: 90, 180, 270): {'; '.join(parts)}.",
        values,
    )


def _m_ee(samples: Samples) -> Answer:
    values: dict[str, Any] = {}
    for name, draws in samples.items():
        u, masses = draws.mixing
        terms = u[:, 0, :] ** 2 * masses
        lengths = np.abs(terms)
        high = lengths.sum(axis=1)
        low = np.maximum(0.0, 2 * lengths.max(axis=1) - high)
        rng = stream(0, "explain", "flat Majorana phases")
        turned = np.exp(2j * np.pi * rng.random((_FLAT, len(lengths), 2)))
        flat = np.abs(lengths[:, 0] + (lengths[:, 1:] * turned).sum(axis=2))
        sizes = {"found": np.abs(terms.sum(axis=1))[None], "flat_phases": flat}
        values[name] = {
            kind: {
                "lower_edge": float((((m - low) < EDGE * (high - low)) @ draws.w).mean()),
                "upper_edge": float((((high - m) < EDGE * (high - low)) @ draws.w).mean()),
            }
            for kind, m in sizes.items()
        }
        values[name]["error"] = float(np.sqrt(0.16 / draws.effective))
    here, there = values["posterior"], values["prior"]
    shares = [
        f"{edge} {100 * here['found'][f'{edge}_edge']:.0f} % (flat Majorana phases at the same "
        f"masses and angles {100 * here['flat_phases'][f'{edge}_edge']:.0f} %, prior "
        f"{100 * there['found'][f'{edge}_edge']:.0f} %)"
        for edge in ("lower", "upper")
    ]
    return Answer(
        "m_ee in its band",
        f"m_ee at the edges of its band, shares within {100 * EDGE:.0f} % of its width: "
        f"{shares[0]}, {shares[1]}; error {100 * here['error']:.1f} %.",
        values,
    )


def _digits(samples: Samples) -> Answer:
    values = {}
    for name, draws in samples.items():
        y = draws.y.reshape(len(draws.y), -1)
        digits = hierarchy_digits(np.concatenate([y.real, y.imag], axis=1))
        values[name] = {str(k): v for k, v in digit_fractions(digits, draws.w).items()}

    def shown(fractions: dict[str, float]) -> str:
        return "/".join(f"{100 * fractions.get(str(k), 0.0):.0f}" for k in FOUNDING_PAPER)

    levels = "/".join(str(k) for k in FOUNDING_PAPER)
    return Answer(
        "digits of hierarchy",
        f"Hierarchy of the parts of Y, {levels} digits: {shown(values['posterior'])} % of the "
        f"posterior, {shown(values['prior'])} % of the prior.",
        values,
    )
