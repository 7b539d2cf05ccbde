"""Public names of a folder that are imported when they are first asked for (PEP 562).

By hand and not by `lazy_loader`, whose stub files a type checker would need beside every folder: a
folder's ``__init__`` names its public things once for type checkers (``if TYPE_CHECKING``) and
once here, and a test compares the two.
"""

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def lazy_names(
    package: str, homes: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """``__getattr__`` and ``__dir__`` of a package.

    Args:
        package: Its ``__name__``.
        homes: Public names by the module that defines them. No name may be that of a module.
    """
    place = {name: module for module, names in homes.items() for name in names}

    def find(name: str) -> Any:
        if name not in place:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"{package}.{place[name]}"), name)

    def listed() -> list[str]:
        return sorted(place)

    return find, listed
