"""Pictures, tables and the HTML report."""

from pathlib import Path
from typing import Any

from ..models.base import Target


def write_report(
    out: Path,
    target: Target,
    groups: dict[str, Any],
    summary: dict[str, Any],
    reference: dict[str, Any] | None = None,
    reference_name: str = "reference",
) -> None:
    """Write ``report.html`` and ``figures/`` (PNG and PDF) of a run to `out`.

    A seesaw gets the pictures of lepton flavour; any other model the page that the protocol
    allows: corner plots, table, checks, and how it was made.

    Args:
        out: The run's folder.
        target: Model and measurement.
        groups: xarray datasets ``posterior``, ``sample_stats`` and ``predictions``.
        summary: Content of summary.json so far; what it lacks is left out of the page.
        reference: Groups of another posterior of the same target, drawn beneath in grey.
        reference_name: What to call it.

    Raises:
        InputError: If no draw has any weight.
    """
    from ..models.seesaw import Seesaw  # matplotlib and numba only when a report is written
    from .generic import write_generic
    from .seesaw_page import write_seesaw

    write = write_seesaw if isinstance(target.model, Seesaw) else write_generic
    write(Path(out), target, groups, summary, reference, reference_name)
