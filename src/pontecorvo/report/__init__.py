"""Pictures, tables and the HTML report."""

from ..core.problem import Problem, RunView
from ..core.target import LikelihoodTarget


def write_report(target: LikelihoodTarget, run: RunView, problem: Problem | None = None) -> None:
    """Write ``report.html`` and ``figures/`` (PNG and PDF) of a run to its folder.

    A problem may have pictures and a page of its own; any other model gets the page that the
    protocol allows: corner plots, table, checks, and how it was made.

    Args:
        target: Model and measurement.
        run: The run; what its summary lacks is left out of the page.
        problem: What else belongs to the model.

    Raises:
        InputError: If no draw has any weight.
    """
    if problem is not None and problem.report(run):
        return
    from .generic import write_generic  # matplotlib only when a report is written

    write_generic(target, run, problem.title if problem is not None else "")
