"""A live table of a training run, for terminals; silent elsewhere."""

from types import TracebackType
from typing import Any

from ..base.progress import at_a_terminal


class TrainingTable:
    """Context manager: one row a validation, and a line that moves between them.

    Args:
        steps: Steps in all.
        show: Draw or not; by default only when standard error is a terminal.
    """

    def __init__(self, steps: int, show: bool | None = None) -> None:
        self.steps = steps
        self.show = at_a_terminal() if show is None else show
        self.rows: list[dict[str, float]] = []
        self._live: Any = None

    def __enter__(self) -> "TrainingTable":
        if self.show:
            from rich.console import Console
            from rich.live import Live

            self._live = Live(console=Console(stderr=True), refresh_per_second=4)
            self._live.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.__exit__(kind, error, trace)

    def row(self, values: dict[str, float], speed: float) -> None:
        """Add the row of a validation; `speed` is in examples a second."""
        self.rows.append(values | {"items/s": speed})
        self._draw(None)

    def advance(self, step: int, loss: float, speed: float) -> None:
        """Say where the run stands between validations."""
        self._draw({"step": float(step), "loss": loss, "items/s": speed})

    def _draw(self, present: dict[str, float] | None) -> None:
        if self._live is None:
            return
        from rich.table import Table

        rows = self.rows[-12:] + ([present] if present else [])
        names: list[str] = []
        for values in rows:
            names += [name for name in values if name not in names]
        if "items/s" in names:
            names.append(names.pop(names.index("items/s")))
        table = Table(title=f"training, {self.steps} steps")
        for name in names:
            table.add_column(name, justify="right")
        for values in rows:
            table.add_row(*(_number(name, values.get(name)) for name in names))
        self._live.update(table)


def _number(name: str, value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if name in ("step", "items/s") else f"{value:.4g}"
