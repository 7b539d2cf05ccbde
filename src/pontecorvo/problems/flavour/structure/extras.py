"""What packages outside the core add to `explain`: a formula, and attributions, in words."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from ....base.errors import InputError
from .attributions import attributions
from .findings import Findings
from .structure_draws import StructureDraws
from .symbolic import formula

__all__ = ["check_extras", "learned"]

SHOWN = 4


def check_extras() -> None:
    """Refuse before anything is drawn.

    Raises:
        InputError: If gplearn or shap is not installed.
    """
    missing = [name for name in ("gplearn", "shap") if find_spec(name) is None]
    if missing:
        raise InputError(
            f"--extras: {' and '.join(missing)} missing; install with: "
            "pip install 'pontecorvo[explain]'"
        )


def learned(
    findings: Findings, posterior: StructureDraws, prior: StructureDraws, seed: int
) -> tuple[list[str], dict[str, Any]]:
    """Sentences, and the same as plain JSON types."""
    found = formula(findings, posterior, prior, seed=seed)
    shares = attributions(findings, posterior, prior, seed=seed)
    terms = "; ".join(f"X{i} is {name}" for i, name in enumerate(found.names))
    used = ", ".join(
        f"{name} ({size:.2f})"
        for name, size in zip(shares.names[:SHOWN], shares.sizes[:SHOWN], strict=True)
    )
    sentences = [
        f"A formula that is positive where a draw looks like the posterior: {found.text}, with "
        f"{terms} (each less the prior's median, in its standard deviations); it tells "
        f"{100 * found.accuracy:.1f} +- {100 * found.error:.1f} % of unseen draws right, "
        "50 % is chance.",
        f"Boosted trees tell {100 * shares.accuracy:.1f} +- {100 * shares.error:.1f} % right, and "
        f"go by (mean size of the part of the log odds): {used}.",
    ]
    return sentences, {
        "formula": {
            "text": found.text,
            "names": list(found.names),
            "accuracy": found.accuracy,
            "error": found.error,
        },
        "attributions": {
            "names": list(shares.names),
            "sizes": shares.sizes.tolist(),
            "means": shares.means.tolist(),
            "accuracy": shares.accuracy,
            "error": shares.error,
        },
    }
