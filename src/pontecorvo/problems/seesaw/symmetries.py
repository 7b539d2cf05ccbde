"""Moves of (Y, M) that leave every oscillation observable as it is.

Each is drawn together with its inverse equally often, as `core.model.Symmetry` asks. The masses
and moduli of U do not change under phases of the rows of Y (charged leptons absorb them) or of all
of m_nu; m_nu itself does not change under Y_i -> z Y_i, M_i -> z^2 M_i.
"""

from collections.abc import Callable

import numpy as np

from ...core.model import Symmetry

_Move = Callable[[np.ndarray, np.random.Generator], tuple[np.ndarray, np.ndarray]]


def _split(theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    y = (theta[:, :9] + 1j * theta[:, 9:18]).reshape(-1, 3, 3)
    return y, theta.copy()


def _join(theta: np.ndarray, y: np.ndarray) -> np.ndarray:
    theta[:, :9] = y.real.reshape(-1, 9)
    theta[:, 9:18] = y.imag.reshape(-1, 9)
    return theta


def _column_signs(theta: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    y, new = _split(theta)
    y *= rng.choice([-1.0, 1.0], (len(y), 1, 3))
    return _join(new, y), np.zeros(len(y))


def _row_quarter_turns(
    theta: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    y, new = _split(theta)
    y *= 1j ** rng.integers(0, 4, (len(y), 3, 1))
    return _join(new, y), np.zeros(len(y))


def _row_phases(theta: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    y, new = _split(theta)
    y *= np.exp(1j * rng.normal(0, 0.3, (len(y), 3, 1)))
    return _join(new, y), np.zeros(len(y))


def _column_phases(theta: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    y, new = _split(theta)
    angle = rng.normal(0, 0.5, (len(y), 2))
    y[:, :, :2] *= np.exp(1j * angle)[:, None, :]
    new[:, 21:23] = (new[:, 21:23] + 2 * angle) % (2 * np.pi)
    return _join(new, y), np.zeros(len(y))


def _conjugation(theta: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    new = theta.copy()
    flip = rng.random(len(theta)) < 0.5
    new[flip, 9:18] *= -1
    new[flip, 21:23] = (-new[flip, 21:23]) % (2 * np.pi)
    return new, np.zeros(len(theta))


def _column_scales(theta: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    y, new = _split(theta)
    scale = rng.normal(0, 0.15, (len(y), 3)) * (rng.random((len(y), 3)) < 0.5)  # natural logs
    y *= np.exp(scale)[:, None, :]
    new[:, 18:21] += 2 * scale / np.log(10)
    return _join(new, y), 6 * scale.sum(axis=1)


def seesaw_symmetries() -> tuple[Symmetry, ...]:
    """The seesaw's moves; see the module's text."""
    moves: dict[str, _Move] = {
        "column signs": _column_signs,
        "row quarter turns": _row_quarter_turns,
        "row phases": _row_phases,
        "column phases": _column_phases,
        "CP conjugation": _conjugation,
        "column scales": _column_scales,
    }
    return tuple(Symmetry(name, move) for name, move in moves.items())
