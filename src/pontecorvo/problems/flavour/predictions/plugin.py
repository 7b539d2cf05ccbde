"""What a plug-in of predictions is: named quantities from Yukawas, masses and mixing.

A plug-in says what it needs, and gets it from any model that has it. A user's own is a subclass of
`Plugin` handed to `plugins.register`, or listed among the entry points of the group
``pontecorvo.predictions``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property
from typing import Any, ClassVar, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import ArrayLike

from ....base.errors import InputError, suggest
from ....core.model import Quantity
from ....physics.masses import check_ordering
from .conventions import checked
from .limits import Limit

__all__ = ["FlavourDraws", "NoSettings", "Plugin"]


@dataclass(frozen=True)
class FlavourDraws:
    """What a model of flavour knows of N draws; leave out what it does not have.

    Attributes:
        y: Yukawas (N, 3, n) of ``l_alpha H N_i``, m_nu = vev^2 Y M^-1 Y^T.
        m: Heavy masses (N, n) in GeV, complex allowed.
        vev: <H> in GeV.
        u: PMNS matrix (N, 3, 3).
        masses: Light masses (N, 3) in eV, (m1, m2, m3).
        ordering: "no" or "io"; only to label the columns of ``u`` where it is computed.
        theta: Mixing of light with heavy neutrinos (N, 3, n), where it is not vev Y M^-1 of a
            type-I seesaw.
        heavy: Masses (N, n) in GeV of these.
    """

    y: np.ndarray | None = None
    m: np.ndarray | None = None
    vev: float = 174.1
    u: np.ndarray | None = None
    masses: np.ndarray | None = None
    ordering: str = "no"
    theta: np.ndarray | None = None
    heavy: np.ndarray | None = None

    def has(self, need: str) -> bool:
        """Whether ``"yukawas"`` or ``"mixing"`` can be had."""
        yukawas = self.y is not None and self.m is not None
        if need == "yukawas":
            return yukawas
        return yukawas or (self.u is not None and self.masses is not None)

    @cached_property
    def yukawas(self) -> tuple[np.ndarray, np.ndarray]:
        """Checked Yukawas (N, 3, n) and heavy masses (N, n)."""
        if self.y is None or self.m is None:
            raise InputError("the model has no Yukawas and heavy masses; give y and m")
        return checked(self.y, self.m)

    @cached_property
    def mixing(self) -> tuple[np.ndarray, np.ndarray]:
        """U (N, 3, 3) and light masses (N, 3) in eV, as given or from Y and M at tree level."""
        if self.u is not None and self.masses is not None:
            return self.u, self.masses
        from ....physics.takagi import takagi, takagi_of_factor  # compiled: not for `--help`

        y, m = self.yukawas
        n = max(m.shape[1], 3)
        x = np.zeros((len(y), 3, n), np.complex128)
        x[:, :, : m.shape[1]] = self.vev * np.sqrt(1e9) * y / np.sqrt(m)[:, None, :]
        if n > 3:  # a square root of m_nu with three columns: X = L Q, m = L (Q Q^T) L^T
            q, r = np.linalg.qr(np.swapaxes(x, 1, 2))
            light = np.swapaxes(r, 1, 2) @ np.swapaxes(q, 1, 2) @ q @ r
            masses, u = takagi(light)
        else:
            masses, u = takagi_of_factor(x)
        if check_ordering(self.ordering):
            masses, u = np.roll(masses, -1, axis=1), np.roll(u, -1, axis=2)
        return u, masses

    def __len__(self) -> int:
        for array in (self.y, self.u, self.masses):
            if array is not None:
                return len(array)
        raise InputError("no draws: give Yukawas and heavy masses, or mixing and light masses")


@dataclass(frozen=True)
class NoSettings:
    """Settings of a plug-in that has none."""


class Plugin(ABC):
    """Named quantities computed from draws of a flavour model."""

    name: ClassVar[str]
    title: ClassVar[str]
    needs: ClassVar[tuple[str, ...]]
    """Of ``"yukawas"`` (Y and M) and ``"mixing"`` (U and light masses, or Y and M)."""
    settings_type: ClassVar[type] = NoSettings

    def __init__(self, settings: Any = None) -> None:
        self.settings = self.settings_type() if settings is None else settings

    @property
    @abstractmethod
    def quantities(self) -> tuple[Quantity, ...]:
        """What `compute` returns, in order."""

    @property
    def limits(self) -> tuple[Limit, ...]:
        """Lines for figures."""
        return ()

    @abstractmethod
    def compute(self, draws: FlavourDraws) -> dict[str, np.ndarray]:
        """Values (N,) by name, for draws that have what is needed."""

    def evaluate(
        self,
        y: ArrayLike | None = None,
        m: ArrayLike | None = None,
        vev: float = 174.1,
        **more: Any,
    ) -> dict[str, np.ndarray]:
        """Values (N,) by name.

        Args:
            y: Yukawas (N, 3, n) of ``l_alpha H N_i``.
            m: Heavy masses (N, n) in GeV.
            vev: <H> in GeV.
            more: ``u``, ``masses`` or ``ordering``, see `FlavourDraws`.

        Raises:
            InputError: Where the draws do not have what the plug-in needs.
        """
        given = {"y": y, "m": m, **more}
        arrays: dict[str, Any] = {
            name: value if name == "ordering" or value is None else np.asarray(value)
            for name, value in given.items()
        }
        return self.checked(FlavourDraws(vev=vev, **arrays))

    def checked(self, draws: FlavourDraws) -> dict[str, np.ndarray]:
        """`compute`, after a look at whether it can."""
        for need in self.needs:
            if not draws.has(need):
                what = (
                    "Yukawas and heavy masses" if need == "yukawas" else "mixing and light masses"
                )
                raise InputError(f"prediction {self.name!r} needs {what}; this model has none")
        return self.compute(draws)

    def describe(self) -> dict[str, Any]:
        """Name and settings as plain JSON types."""
        return {
            "name": self.name,
            "settings": {f.name: getattr(self.settings, f.name) for f in fields(self.settings)},
        }


def read_settings(plugin: type[Plugin], given: Mapping[str, Any]) -> Any:
    """The plug-in's settings from a mapping, each name and type checked.

    Raises:
        InputError: For a name it does not have, or a value of another type.
    """
    kind = plugin.settings_type
    assert is_dataclass(kind)
    hints, names = get_type_hints(kind), [f.name for f in fields(kind)]
    for name, value in given.items():
        where = f"predict: {plugin.name}: {name}"
        if name not in names:
            allowed = suggest(str(name), names) if names else "it has no settings"
            raise InputError(f"{where}: no such setting; {allowed}")
        hint = hints[name]
        if get_origin(hint) is not None and str(get_origin(hint)) == "typing.Literal":
            choices = [str(c) for c in get_args(hint)]
            if value not in choices:
                raise InputError(f"{where}: {value!r}; {suggest(str(value), choices)}")
        elif hint is bool and not isinstance(value, bool):
            raise InputError(f"{where}: {value!r}; it must be true or false")
        elif hint is int and (not isinstance(value, int) or isinstance(value, bool)):
            raise InputError(f"{where}: {value!r}; it must be a whole number")
        elif hint is float and (not isinstance(value, int | float) or isinstance(value, bool)):
            raise InputError(f"{where}: {value!r}; it must be a number")
    return kind(**given)
