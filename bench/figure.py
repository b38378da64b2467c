"""What every figure is: a number, what it is held against, and how far it should reach. Measures nothing."""

from slackbot.core.model import Frozen


class Lost(AssertionError):
    """Something that was asked for is gone or is there twice: no figure counts then."""


class Reach(Frozen):
    """What is aimed at: at most `most` in the figure's unit, `times` the reference, or `plus` more than it."""

    most: float | None = None
    times: float | None = None
    plus: float | None = None

    def limits(self, reference: float | None) -> list[float]:
        """The largest values that still reach it."""
        found = [] if self.most is None else [self.most]
        if reference is not None:
            found += [] if self.times is None else [self.times * reference]
            found += [] if self.plus is None else [self.plus + reference]
        return found

    def words(self, unit: str) -> str:
        said = [] if self.most is None else [f"≤ {self.most:g} {unit}"]
        said += [] if self.times is None else [f"≤ {self.times:g}×"]
        said += [] if self.plus is None else [f"≤ reference + {self.plus:g} {unit}"]
        return ", ".join(said)


class Figure(Frozen):
    """One line of the table. `reference` None: there is nothing to compare with. `how`: what was done, how often."""

    name: str
    value: float
    unit: str
    reach: Reach
    reference: float | None = None
    reference_name: str = "–"
    how: str = ""

    @property
    def ratio(self) -> float | None:
        return self.value / self.reference if self.reference else None

    @property
    def reached(self) -> bool:
        return all(self.value <= limit for limit in self.reach.limits(self.reference))
