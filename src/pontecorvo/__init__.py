"""Posteriors that can be trusted for neutrino models.

The public names are imported on first use, so that ``import pontecorvo`` stays light.
"""

import importlib
from typing import Any

__version__ = "0.1.0"

_PUBLIC = {
    "GaussianMeasurement": "core.measurement",
    "InputError": "base.errors",
    "Measured": "core.measurement",
    "Model": "core.model",
    "Normal": "core.prior",
    "Prior": "core.prior",
    "Quantity": "core.quantity",
    "Seesaw": "problems.seesaw.model",
    "SeesawPrior": "problems.seesaw.model",
    "SignedLogUniform": "core.prior",
    "Study": "study.study",
    "Symmetry": "core.model",
    "Target": "core.target",
    "Uniform": "core.prior",
    "load_study": "study.catalog",
    "nufit": "problems.flavour.nufit",
    "sample_emcee": "samplers.emcee_adapter",
    "sample_exact": "samplers.exact",
    "sample_nautilus": "samplers.nautilus_adapter",
    "sample_smc": "samplers.smc",
}

__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_PUBLIC[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_PUBLIC])
