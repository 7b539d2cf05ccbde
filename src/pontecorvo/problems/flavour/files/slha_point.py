"""A flavour point in SLHA: mixing, light masses, right-handed neutrinos.

Blocks, their entries and the conventions (B. Allanach et al., Comput. Phys. Commun. 180 (2009) 8
for the first two):

* ``UPMNSIN`` 1-6: theta12, theta23, theta13, delta, alpha1, alpha2 in rad. SLHA's Majorana phases
  stand at columns 1 and 2, U = V diag(e^{i alpha1/2}, e^{i alpha2/2}, 1); the models' at columns 2
  and 3, so alpha21 = alpha2 - alpha1 and alpha31 = -alpha1.
* ``SMINPUTS`` 8, 12, 14: masses of nu_3, nu_1, nu_2 in GeV; 2: the Fermi constant, which gives
  <H> = (2 sqrt(2) G_F)^{-1/2}.
* ``RHN`` (this package's; the parameters of GAMBIT's RightHandedNeutrinos, arXiv:1908.02302) 1-3:
  M_1, M_2, M_3 in GeV; 4-9: Re and Im of omega_23, omega_13, omega_12 of the complex orthogonal
  R = R_23 R_13 R_12; 10: <H> in GeV. Y = U^* sqrt(m) R sqrt(M) / <H>.
* ``MNURIN`` i and ``YNURLHUIN``, ``IMYNURLHUIN`` i j: heavy masses in GeV, and Yukawas of heavy
  neutrino i and lepton j.
"""

from math import asin, sqrt
from pathlib import Path

import numpy as np

from ....base.errors import InputError
from ....physics.pmns import pmns_matrix
from .point import VEV, Point, complete, light_observables, ordering_of, wrapped
from .slha import Block, read_slha, write_slha

_LIGHT = {8: 2, 12: 0, 14: 1}  # SMINPUTS entry -> index of the light mass
_ANGLES = ((1, "theta12"), (2, "theta23"), (3, "theta13"))


def read_slha_point(path: Path | str) -> Point:
    """A point from the blocks above; at least mixing and masses, or Yukawas and heavy masses.

    Raises:
        InputError: One sentence with the file, and what is missing or wrong in it.
    """
    blocks = read_slha(path)
    try:
        return complete(_point(blocks))
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _point(blocks: dict[str, Block]) -> Point:
    point = Point({}, vev=_vev(blocks), blocks=dict(blocks))
    masses = _light_masses(blocks)
    mixing = _mixing(blocks["UPMNSIN"]) if "UPMNSIN" in blocks else None
    if masses is not None and mixing is not None:
        point.observables = light_observables(masses, mixing)
        point.ordering = ordering_of(masses)
    if "YNURLHUIN" in blocks and "MNURIN" in blocks:
        real, heavy = blocks["YNURLHUIN"], blocks["MNURIN"]
        imaginary = blocks.get("IMYNURLHUIN", Block("IMYNURLHUIN"))
        pairs = [(i, j) for i in (1, 2, 3) for j in (1, 2, 3)]
        values = [real[pair] + 1j * imaginary.entries.get(pair, 0.0) for pair in pairs]
        point.yukawa = np.array(values).reshape(3, 3).T
        point.heavy = np.array([heavy[i] for i in (1, 2, 3)])
    elif "RHN" in blocks:
        if masses is None or mixing is None:
            raise InputError("block RHN needs UPMNSIN and SMINPUTS 8, 12, 14 beside it")
        with np.errstate(over="ignore", invalid="ignore"):  # refused below
            point.heavy, rotation = _heavy(blocks["RHN"])
            _check_heavy(point.heavy)
            light = np.sqrt(1e-9 * masses)
            columns = np.sqrt(point.heavy) / (point.vev or VEV)
            point.yukawa = (mixing.conj() * light) @ rotation * columns
        if not np.isfinite(point.yukawa).all():
            raise InputError("block RHN: its Yukawas are not finite; masses are GeV, angles rad")
    if point.heavy is not None:
        _check_heavy(point.heavy)
    if not point.observables and point.yukawa is None:
        raise InputError(
            "gives no point: it needs UPMNSIN with SMINPUTS 8, 12, 14 (light masses in GeV), or "
            "YNURLHUIN with MNURIN"
        )
    return point


def _check_heavy(heavy: np.ndarray) -> None:
    if not (heavy > 0).all():
        raise InputError("the heavy masses must be positive, in GeV")


def _vev(blocks: dict[str, Block]) -> float | None:
    if "RHN" in blocks and 10 in blocks["RHN"]:
        vev = blocks["RHN"][10]
        if vev <= 0:
            raise InputError(f"block RHN: <H> is {vev:g} GeV; it must be positive")
        return vev
    if "SMINPUTS" in blocks and 2 in blocks["SMINPUTS"]:
        fermi = blocks["SMINPUTS"][2]
        if fermi <= 0:
            raise InputError(f"block SMINPUTS: the Fermi constant is {fermi:g}; it is positive")
        return 1 / sqrt(2 * sqrt(2) * fermi)
    return None


def _light_masses(blocks: dict[str, Block]) -> np.ndarray | None:
    """Light masses (3,) in eV, or None where the file gives none."""
    block = blocks.get("SMINPUTS")
    if block is None or not any(entry in block for entry in _LIGHT):
        return None
    masses = np.empty(3)
    for entry, index in _LIGHT.items():
        masses[index] = 1e9 * block[entry]
    return masses


def _mixing(block: Block) -> np.ndarray:
    sin2 = {name: float(np.sin(block[entry]) ** 2) for entry, name in _ANGLES}
    delta, alpha1, alpha2 = (block.entries.get((entry,), 0.0) for entry in (4, 5, 6))
    return pmns_matrix(
        sin2["theta12"], sin2["theta13"], sin2["theta23"], delta, alpha2 - alpha1, -alpha1
    )


def _heavy(block: Block) -> tuple[np.ndarray, np.ndarray]:
    heavy = np.array([block[i] for i in (1, 2, 3)])
    rotation = np.eye(3, dtype=complex)
    for (first, second), entry in (((1, 2), 4), ((0, 2), 6), ((0, 1), 8)):
        angle = block.entries.get((entry,), 0.0) + 1j * block.entries.get((entry + 1,), 0.0)
        turn = np.eye(3, dtype=complex)
        turn[first, first] = turn[second, second] = np.cos(angle)
        turn[first, second] = np.sin(angle)
        turn[second, first] = -np.sin(angle)
        rotation = rotation @ turn
    return heavy, rotation


def slha_blocks(point: Point) -> dict[str, Block]:
    """Blocks of a point: UPMNSIN and SMINPUTS of its light neutrinos, and its seesaw if it has one.

    Phases of heavy masses are moved into the Yukawas, which leaves m_nu as it is. A point that was
    read from SLHA gives the blocks that it had.
    """
    if point.blocks:
        return dict(point.blocks)
    point, blocks = complete(point), {}
    values = point.observables
    needed = ("sin2_theta12", "sin2_theta13", "sin2_theta23", "m1", "m2", "m3")
    for name in needed:
        if name not in values:
            raise InputError(f"point: {name} is missing; SLHA needs the angles and the masses")
    angles = [asin(sqrt(values[name])) for name in ("sin2_theta12", "sin2_theta23", "sin2_theta13")]
    delta, alpha21, alpha31 = (values.get(name, 0.0) for name in ("delta_cp", "alpha21", "alpha31"))
    phases = [delta, wrapped(-alpha31), wrapped(alpha21 - alpha31)]
    titles = ("theta12", "theta23", "theta13", "delta", "alpha1", "alpha2")
    blocks["SMINPUTS"] = Block(
        "SMINPUTS",
        {(8,): 1e-9 * values["m3"], (12,): 1e-9 * values["m1"], (14,): 1e-9 * values["m2"]},
        {(8,): "m_nu3 [GeV]", (12,): "m_nu1 [GeV]", (14,): "m_nu2 [GeV]"},
    )
    blocks["UPMNSIN"] = Block(
        "UPMNSIN",
        {(i,): float(value) for i, value in enumerate([*angles, *phases], 1)},
        {(i,): f"{title} [rad]" for i, title in enumerate(titles, 1)},
    )
    if point.yukawa is not None and point.heavy is not None:
        heavy = np.asarray(point.heavy, dtype=complex)
        turned = point.yukawa * np.exp(-0.5j * np.angle(heavy))
        blocks["RHN"] = Block("RHN", {(10,): point.vev or VEV}, {(10,): "<H> [GeV]"})
        blocks["MNURIN"] = Block("MNURIN", {(i + 1,): float(abs(heavy[i])) for i in range(3)})
        for name, part in (("YNURLHUIN", turned.real), ("IMYNURLHUIN", turned.imag)):
            blocks[name] = Block(
                name,
                {(i + 1, j + 1): float(part[j, i]) for i in range(3) for j in range(3)},
            )
    return blocks


def write_slha_point(path: Path | str, point: Point, title: str = "") -> None:
    """Write a point's blocks; see `slha_blocks`."""
    write_slha(path, slha_blocks(point), title or "pontecorvo: a point of a flavour model")
