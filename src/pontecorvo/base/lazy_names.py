"""Public names of a folder that are imported when they are first asked for (PEP 562).

They are named once, in the stub ``__init__.pyi``, which type checkers read as well (SPEC 1 of
Scientific Python). By hand and not by `lazy_loader`: it is these few lines.
"""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any


def lazy_names(
    package: str, file: str
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """``__getattr__``, ``__dir__`` and ``__all__`` of a package.

    Args:
        package: Its ``__name__``.
        file: Its ``__file__``; beside it lies the stub, of lines ``from .module import Name as
            Name``. No name may be that of a module.
    """
    place = {}
    for line in Path(file).with_suffix(".pyi").read_text(encoding="utf-8").splitlines():
        if line.startswith("from ."):
            _, module, _, name, *_ = line.split()
            place[name] = module

    def find(name: str) -> Any:
        if name not in place:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"{package}{place[name]}"), name)

    return find, lambda: sorted(place), sorted(place)
