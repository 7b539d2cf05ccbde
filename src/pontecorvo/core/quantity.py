"""A quantity: name, symbol and unit of a parameter, an observable or a prediction."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Quantity:
    """Name, symbol and unit of a parameter, observable or prediction.

    Attributes:
        name: Name, as files have it.
        latex: Symbol in math text, without dollars.
        unit: Unit; ``rad`` for angles.
        description: What it is.
        sign: 1 or -1 where a measured value must have that sign; 0 where it may have either.
        typical: Smallest and largest abs(value) that can be meant by a measured one, generously;
            None for any. Both are asked by `core.plausibility`.
    """

    name: str
    latex: str = ""
    unit: str = ""
    description: str = ""
    sign: int = 0
    typical: tuple[float, float] | None = None

    @property
    def label(self) -> str:
        """Axis label in math text, with its unit."""
        symbol = f"${self.latex}$" if self.latex else self.name
        return f"{symbol} [{self.unit}]" if self.unit else symbol
