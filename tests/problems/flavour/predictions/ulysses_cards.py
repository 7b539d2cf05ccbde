"""Points of ULYSSES' benchmark cards in this package's convention, by its Casas-Ibarra formula.

The cards are those of github.com/earlyuniverse/ulysses (MIT), typed in so that tests need no
folder. Written from the formula h = (i/v) U sqrt(m) R^T sqrt(M), v = 174 GeV.
"""

import numpy as np

from pontecorvo.physics.pmns import pmns_matrix

VEV = 174.0
_NAMES = ("m", "M1", "M2", "M3", "x1", "y1", "x2", "y2", "x3", "y3", "delta", "a21", "a31")
_CARDS = {
    "1N1F": (-100, 14, 15, 16, 180, 1.4, 180, 11.2, 180, 11, 270, 0, 0),
    "1N2F": (-100, 10, 11, 11.5, 0, 0, 157.8, 15, 0, 0, 217, 0, 0),
    "1N3F": (-0.921, 6, 6.5, 7, 132.23, 171.5, 88, 2.68, -30, 177.5, 281, 182, 345),
    "2N1F": (-100, 14, 14.5, 16, 180, 0.11, 180, 13.3, 180, 11, 217, 0, 0),
    "2N2F": (-100, 10, 10.63, 11.5, 0, 0, 175, 4.9, 0, 0, 217, 0, 0),
    "2N3F": (-0.7, 6.7, 7.5, 8.1, -99.5, 180, 94.2, 0.59, -9.59, 177.5, 217, 133.4, 367.99),
    "3N3F": (-0.7, 6.7, 7.5, 8.1, -99.5, 180, 94, 0.5, -9.59, 177.5, 217, 133.4, 367.99),
    "3N3FIO": (-0.7, 6.7, 7.5, 8.1, -99.5, 176.06, 94.13, 0.5, -9.59, 176.5, 280, 133.4, 367.99),
    "Res": (-100, 4, 4.000000000055128, 16, 0, -90j, 135, 196.5, 0, -90j, 217, 0, 0),
}
# the oracle's defaults: NuFIT 6.1 without SK-atm, in eV^2
_SOLAR, _ATMOSPHERIC, _INVERTED = 7.537e-5, 2.521e-3, 2.500e-3


def card(name: str) -> dict[str, complex]:
    """The card's entries by name."""
    return dict(zip(_NAMES, _CARDS[name], strict=True))


def point(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Y (1, 3, 3) of ``l_alpha H N_i`` and M (1, 3) in GeV."""
    values = card(name)
    inverted = name.endswith("IO")
    degrees = np.array([49.7, 33.82, 8.65 if inverted else 8.61])
    s23, s12, s13 = np.sin(np.deg2rad(degrees)) ** 2
    phases = [np.deg2rad(np.real(values[k])) for k in ("delta", "a21", "a31")]
    u = pmns_matrix(s12, s13, s23, *phases)
    light = 10.0 ** np.real(values["m"])
    if inverted:
        squares = [_INVERTED + light**2 - _SOLAR, _INVERTED + light**2, light**2]
    else:
        squares = [light**2, _SOLAR + light**2, _ATMOSPHERIC + light**2]
    roots = np.sqrt(np.sqrt(squares) * 1e-9)
    heavy = 10.0 ** np.real([values["M1"], values["M2"], values["M3"]])
    turn = np.eye(3, dtype=complex)
    for k, (a, b) in (("1", (1, 2)), ("2", (0, 2)), ("3", (0, 1))):
        angle = np.deg2rad(1.0) * (values["x" + k] + 1j * values["y" + k])
        one = np.eye(3, dtype=complex)
        one[a, a] = one[b, b] = np.cos(angle)
        one[a, b], one[b, a] = np.sin(angle), -np.sin(angle)
        turn = turn @ one
    h = 1j / VEV * u @ np.diag(roots) @ turn.T @ np.diag(np.sqrt(heavy))
    return h.conj()[None], heavy[None]
