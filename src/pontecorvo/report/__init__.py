"""Pictures, tables and the HTML report."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..core.target import Target


def write_report(
    out: Path,
    target: Target,
    groups: dict[str, Any],
    summary: dict[str, Any],
    reference: dict[str, Any] | None = None,
    reference_name: str = "reference",
    extra: Sequence[Any] = (),
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
        extra: Further `page.Section`s of a model without pictures of its own.

    Raises:
        InputError: If no draw has any weight.
    """
    from ..problems.seesaw.model import Seesaw  # matplotlib and numba only when a report is written
    from ..problems.seesaw.report.seesaw_page import write_seesaw
    from .generic import write_generic

    out = Path(out)
    if summary.get("study") == "founding-paper":  # no posterior: its draws may be anywhere
        from ..problems.founding_paper.report_sections import write_founding

        write_founding(out, target, groups, summary, extra)
    elif isinstance(target.model, Seesaw):
        write_seesaw(out, target, groups, summary, reference, reference_name)
    else:
        write_generic(out, target, groups, summary, reference, reference_name, extra)
