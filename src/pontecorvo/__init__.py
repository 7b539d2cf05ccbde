"""Posteriors that can be trusted for neutrino models.

The public names are imported on first use, so that ``import pontecorvo`` stays light.
"""

import importlib
from typing import Any

__version__ = "0.1.0"

_PUBLIC = {
    "GaussianMeasurement": "data.measurement",
    "InputError": "base.errors",
    "Measured": "data.measurement",
    "Model": "models.base",
    "Normal": "models.prior",
    "Prior": "models.prior",
    "Quantity": "models.base",
    "Seesaw": "models.seesaw",
    "SeesawPrior": "models.seesaw",
    "SignedLogUniform": "models.prior",
    "Study": "study.study",
    "Symmetry": "models.base",
    "Target": "models.base",
    "Uniform": "models.prior",
    "load_study": "study.catalog",
    "nufit": "data.nufit",
    "sample_emcee": "inference.emcee_adapter",
    "sample_exact": "inference.exact",
    "sample_nautilus": "inference.nautilus_adapter",
    "sample_smc": "inference.smc",
}

__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_PUBLIC[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_PUBLIC])
