r"""What Y couples to, stated once, and the way to codes that couple it differently.

**Y of this package couples as** :math:`Y_{\alpha i}\, \ell_\alpha H N_i`: first index the lepton
flavour (e, mu, tau), second the heavy neutrino, :math:`m_\nu = v^2 Y M^{-1} Y^T` and
:math:`U^T m_\nu U = \mathrm{diag}(m_1, m_2, m_3)`.

**Leptogenesis codes (ULYSSES) couple** :math:`h_{\alpha i}\, \bar\ell_\alpha \tilde H N_i`, whose
light mass matrix is the one that :math:`U^*` diagonalises. The same physics is

.. math:: h = Y^*

for real, positive heavy masses. To copy Y as it stands turns the sign of every CP phase, and with
it the sign of the baryon asymmetry.

The phase of a complex heavy mass is absorbed first, :math:`N_i \to e^{-i \arg(M_i)/2} N_i`, which
turns column i of Y by :math:`e^{-i \arg(M_i)/2}`. A sign of a column is not physical.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ....base.errors import InputError

__all__ = ["checked", "real_masses", "to_lbar", "ulysses_parameters", "yukawa_from_lbar"]


def checked(y: ArrayLike, m: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Yukawas (N, 3, n) and heavy masses (N, n), or one sentence on what is wrong with them.

    Raises:
        InputError: If the shapes do not go together, or a heavy mass is zero.
    """
    y, m = np.asarray(y, np.complex128), np.asarray(m, np.complex128)
    if y.ndim != 3 or y.shape[1] != 3 or m.shape != (y.shape[0], y.shape[2]):
        raise InputError(
            f"Yukawas {y.shape} and heavy masses {m.shape}; "
            "give Y as (N, 3, n) [draw, flavour, heavy] and M as (N, n) in GeV"
        )
    if (m == 0).any():
        raise InputError("heavy masses: at least one is zero; they must be non-zero, in GeV")
    return y, m


def real_masses(y: ArrayLike, m: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """The same point with real, positive heavy masses in ascending order.

    Args:
        y: Yukawas (N, 3, n) of ``l_alpha H N_i``.
        m: Heavy masses (N, n) in GeV, complex or of either sign.

    Returns:
        Yukawas (N, 3, n), complex, and abs(M) (N, n), ascending in each draw.
    """
    y, m = checked(y, m)
    turned = y * np.exp(-0.5j * np.angle(m))[:, None, :]
    size = np.abs(m)
    order = np.argsort(size, axis=1, kind="stable")
    return (
        np.take_along_axis(turned, order[:, None, :], axis=2),
        np.take_along_axis(size, order, axis=1),
    )


def to_lbar(y: ArrayLike, m: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Couplings h (N, 3, n) of ``lbar_alpha Hc N_i`` and masses (N, n): ULYSSES' convention.

    Args:
        y: Yukawas (N, 3, n) of ``l_alpha H N_i``, this package's.
        m: Heavy masses (N, n) in GeV, complex allowed.

    Returns:
        ``h = Y*`` for real, positive, ascending masses; and those masses in GeV.
    """
    turned, size = real_masses(y, m)
    return turned.conj(), size


def yukawa_from_lbar(h: ArrayLike) -> np.ndarray:
    """Yukawas of ``l_alpha H N_i`` from couplings ``h`` of ``lbar_alpha Hc N_i``; any shape."""
    return np.asarray(h, np.complex128).conj()


def ulysses_parameters(y: ArrayLike, m: ArrayLike) -> list[dict[str, float]]:
    """Parameter dictionaries of ULYSSES' ``which_param="manual"``, one for each draw.

    Moduli without unit, phases in rad (ULYSSES 3.0.1 takes them so), masses as log10(M/GeV). The
    lightest neutrino's mass, which ULYSSES asks for and does not use here, is 1e-3 eV.
    """
    h, size = to_lbar(y, m)
    if h.shape[2] != 3:
        raise InputError(f"ULYSSES takes three heavy neutrinos, not {h.shape[2]}")
    points = []
    for coupling, masses in zip(h, size, strict=True):
        point = {"m": -3.0} | {f"M{i + 1}": float(np.log10(masses[i])) for i in range(3)}
        for a in range(3):
            for i in range(3):
                point[f"Y{a + 1}{i + 1}_mag"] = float(np.abs(coupling[a, i]))
                point[f"Y{a + 1}{i + 1}_phs"] = float(np.angle(coupling[a, i]))
        points.append(point)
    return points
