"""What a network is told of a point of the folded Casas-Ibarra chart: the sizes of Y's entries.

The posterior's density is mostly the volume that the prior's box leaves to the heavy masses, and
that depends on the point through the moduli of the nine entries x_ai = (U* sqrt(m) R)_ai. They are
low polynomials in sines and cosines of the coordinates, dull work for a perceptron; given as
features they leave it the easy part. All moduli are single-valued on the folded coordinates.
"""

import math

import numpy as np
import torch
from torch import Tensor

from .casas_ibarra_chart import _BOOST_SCALE, _MASS_SCALE

SIZE = 12
_UNIT = 0.02  # eV, a light mass's scale
_FLOOR = 0.01  # of _UNIT: entries below it do not matter to the box
_EDGE = 1e-6
_LARGEST_BOOST = 3.0


def _turn(x: Tensor) -> tuple[Tensor, Tensor]:
    angle = 2 * math.pi * x
    return torch.cos(angle), torch.sin(angle)


def entry_moduli(u: Tensor, condition: Tensor, ordering: str) -> Tensor:
    """Squared moduli of U* sqrt(m) R in eV, (N, 3, 3) by flavor and heavy.

    Args:
        u: The ten learned coordinates (N, 10), w5 to w14 of `casas_ibarra_folding`.
        condition: The five observables (N, 5).
        ordering: ``"no"`` or ``"io"``.
    """
    d21, d3l, s12, s13, s23 = condition.unbind(1)
    lightest = _MASS_SCALE[ordering] * u[:, 6] / (1 - u[:, 6]).clamp_min(_EDGE)
    light2 = lightest**2
    if ordering == "io":
        masses = [torch.sqrt(light2 - d3l - d21), torch.sqrt(light2 - d3l), lightest]
    else:
        masses = [lightest, torch.sqrt(light2 + d21), torch.sqrt(light2 + d3l)]
    root = torch.sqrt(torch.stack(masses, dim=1).clamp_min(1e-12))
    cd, sd = _turn(u[:, 0])
    c2, s2 = _turn(u[:, 1] - 0.25)
    c3, s3 = _turn(0.5 * (u[:, 2] + u[:, 3]))
    sn12, cs12 = torch.sqrt(s12), torch.sqrt(1 - s12)
    sn13, cs13 = torch.sqrt(s13), torch.sqrt(1 - s13)
    sn23, cs23 = torch.sqrt(s23), torch.sqrt(1 - s23)
    zero = torch.zeros_like(cd)

    def times(re: Tensor, im: Tensor, c: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
        return re * c - im * s, re * s + im * c

    # columns of U as in fill_pmns, without the phases of the rows; e = exp(i delta)
    first = [
        (cs12 * cs13, zero),
        (-sn12 * cs23 - cs12 * sn23 * sn13 * cd, -cs12 * sn23 * sn13 * sd),
        (sn12 * sn23 - cs12 * cs23 * sn13 * cd, -cs12 * cs23 * sn13 * sd),
    ]
    second = [
        (sn12 * cs13, zero),
        (cs12 * cs23 - sn12 * sn23 * sn13 * cd, -sn12 * sn23 * sn13 * sd),
        (-cs12 * sn23 - sn12 * cs23 * sn13 * cd, -sn12 * cs23 * sn13 * sd),
    ]
    third = [(sn13 * cd, -sn13 * sd), (sn23 * cs13, zero), (cs23 * cs13, zero)]
    second = [times(re, im, c2, s2) for re, im in second]
    third = [times(re, im, c3, s3) for re, im in third]
    columns = (first, second, third)
    mix_re = torch.stack([torch.stack([e[0] for e in col], dim=1) for col in columns], dim=2)
    mix_im = torch.stack([torch.stack([e[1] for e in col], dim=1) for col in columns], dim=2)
    mix_re, mix_im = mix_re * root.unsqueeze(1), -mix_im * root.unsqueeze(1)  # conjugated
    r_re, r_im = _orthogonal(u)
    y_re = mix_re @ r_re - mix_im @ r_im
    y_im = mix_re @ r_im + mix_im @ r_re
    return y_re**2 + y_im**2


def _orthogonal(u: Tensor) -> tuple[Tensor, Tensor]:
    """Real and imaginary part (N, 3, 3) of R = O exp(iA), as `rotation_times_boost` has it."""
    ca, sa = _turn(0.5 * (u[:, 2] - u[:, 3]))
    cg, sg = _turn(0.5 * (u[:, 4] + u[:, 5]))
    cz, sz = _turn(0.5 * (u[:, 4] - u[:, 5]))
    cb, ct = u[:, 7], u[:, 8]
    sb, st = torch.sqrt((1 - cb**2).clamp_min(1e-9)), torch.sqrt((1 - ct**2).clamp_min(1e-9))
    rows = [
        torch.stack([ca * cb * cg - sa * sg, -ca * cb * sg - sa * cg, ca * sb], dim=1),
        torch.stack([sa * cb * cg + ca * sg, -sa * cb * sg + ca * cg, sa * sb], dim=1),
        torch.stack([-sb * cg, sb * sg, cb], dim=1),
    ]
    rotation = torch.stack(rows, dim=1)
    axis = torch.stack([st * cz, st * sz, ct], dim=1).unsqueeze(1)
    ratio = u[:, 9].clamp(1e-9) / (1 - u[:, 9]).clamp_min(_EDGE)
    eta = (_BOOST_SCALE * ratio ** (1 / 3)).clamp_max(_LARGEST_BOOST)
    sinh, cosh1 = torch.sinh(eta).view(-1, 1, 1), (torch.cosh(eta) - 1).view(-1, 1, 1)
    along = (rotation * axis).sum(dim=2, keepdim=True)
    x, y, z = rotation.unbind(2)
    nx, ny, nz = (n.expand_as(x) for n in axis.unbind(2))
    cross = torch.stack([z * ny - y * nz, x * nz - z * nx, y * nx - x * ny], dim=2)
    return rotation + cosh1 * (rotation - along * axis), sinh * cross


def features(u: Tensor, condition: Tensor, ordering: str) -> Tensor:
    """Features (N, 12): halved logs of the nine squared moduli, and of each column's largest."""
    size = entry_moduli(u, condition, ordering) / _UNIT
    largest = torch.log((size**4).sum(dim=1) + _FLOOR**4) / 8
    return torch.cat([0.5 * torch.log(size + _FLOOR).flatten(1), largest], dim=1)


class EntryFeatures:
    """Feature map (`feature_maps.FeatureMap`) of one ordering."""

    size = SIZE
    dim = 10
    conditions = 5

    def __init__(self, ordering: str) -> None:
        self.ordering = ordering

    def differentiable(self, u: Tensor, condition: Tensor) -> Tensor:
        """Features (N, 12) by PyTorch, for gradients through them."""
        return features(u, condition, self.ordering)

    def values(self, u: np.ndarray, condition: np.ndarray) -> np.ndarray:
        """Features (N, 12)."""
        return self._evaluate(u, condition, False)[0]

    def values_and_slopes(
        self, u: np.ndarray, condition: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Features (N, 12) and their derivatives (N, 10, 12) by the coordinates."""
        return self._evaluate(u, condition, True)

    def _evaluate(
        self, u: np.ndarray, condition: np.ndarray, with_slopes: bool
    ) -> tuple[np.ndarray, np.ndarray]:
        from .feature_kernel import moduli_block

        moduli = np.empty((len(u), 9))
        slopes = np.empty((len(u) if with_slopes else 0, self.dim, 9))
        moduli_block(
            np.ascontiguousarray(u, dtype=np.float64),
            np.ascontiguousarray(condition, dtype=np.float64),
            self.ordering == "io",
            _MASS_SCALE[self.ordering],
            _BOOST_SCALE,
            _LARGEST_BOOST,
            with_slopes,
            moduli,
            slopes,
        )
        size, slopes = moduli / _UNIT, slopes / _UNIT
        cubes = size.reshape(-1, 3, 3)
        total = (cubes**4).sum(axis=1) + _FLOOR**4
        value = np.concatenate([0.5 * np.log(size + _FLOOR), np.log(total) / 8], axis=1)
        if not with_slopes:
            return value, slopes
        single = 0.5 * slopes / (size + _FLOOR)[:, None, :]
        weight = (cubes**3 / total[:, None, :]).reshape(-1, 1, 9) / 2
        largest = (slopes * weight).reshape(len(u), self.dim, 3, 3).sum(axis=2)
        return value, np.concatenate([single, largest], axis=2)


def normal_ordering() -> EntryFeatures:
    """The feature map of normal ordering, as it is registered."""
    return EntryFeatures("no")


def inverted_ordering() -> EntryFeatures:
    """The feature map of inverted ordering, as it is registered."""
    return EntryFeatures("io")
