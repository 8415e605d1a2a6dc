"""One measured figure, and how a run of them is shown."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """at_least, at_most: what is asked of a ratio; None for a figure that is only told."""

    name: str
    value: float
    unit: str
    at_least: float | None = None
    at_most: float | None = None

    @property
    def missed(self) -> bool:
        too_low = self.at_least is not None and self.value < self.at_least
        return too_low or (self.at_most is not None and self.value > self.at_most)

    def line(self) -> str:
        asked = ""
        if self.at_least is not None:
            asked = f"at least {self.at_least:g}"
        if self.at_most is not None:
            asked = f"at most {self.at_most:g}"
        value = f"{self.value:,.0f}" if self.value >= 100 else f"{self.value:.2f}"
        told = f"{asked} (missed)" if self.missed else asked
        return f"| {self.name} | {value} {self.unit} | {told} |"
