"""A quantity: name, symbol and unit of a parameter, an observable or a prediction."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Quantity:
    """Name, symbol and unit of a parameter, observable or prediction."""

    name: str
    latex: str = ""
    unit: str = ""
    description: str = ""

    @property
    def label(self) -> str:
        """Axis label in math text, with its unit."""
        symbol = f"${self.latex}$" if self.latex else self.name
        return f"{symbol} [{self.unit}]" if self.unit else symbol
