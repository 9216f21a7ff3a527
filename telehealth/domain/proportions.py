"""How sure a share of a few cases is."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

Z_95 = 1.959964
"""The 97.5 % point of the normal distribution: two sides of 95 %."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many. ``low`` and ``high`` bound the true share with 95 % confidence."""

    part: int
    whole: int

    @property
    def rate(self) -> float | None:
        """From 0 to 1; None of nothing."""
        return self.part / self.whole if self.whole else None

    @property
    def low(self) -> float:
        """The lower bound, 0 of nothing."""
        return self._bounds()[0]

    @property
    def high(self) -> float:
        """The upper bound, 1 of nothing."""
        return self._bounds()[1]

    def _bounds(self) -> tuple[float, float]:
        """Wilson's score interval (J Am Stat Assoc 1927;22:209), which stays sensible for few cases and for none or all
        of them.
        """
        if not self.whole:
            return 0.0, 1.0
        n, p = self.whole, self.part / self.whole
        scale = 1 + Z_95**2 / n
        middle = (p + Z_95**2 / (2 * n)) / scale
        half = Z_95 * sqrt(p * (1 - p) / n + Z_95**2 / (4 * n**2)) / scale
        return max(0.0, middle - half), min(1.0, middle + half)
