"""Numbers between a smallest and a largest one, and what to say about any other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Bounds = Mapping[str, tuple[int, int, str]]
"""By field: the smallest and the largest number, both allowed, and a sentence about any other."""


def out_of_bounds(
    values: Mapping[str, Any],  # Whatever the fields hold; those with bounds hold numbers.
    bounds: Bounds,
) -> dict[str, str]:
    """What is wrong, by field. A number that is None is no limit, and always fits."""
    bounded = ((name, values[name], *bounds[name]) for name in values if name in bounds and values[name] is not None)
    return {name: sentence for name, value, least, most, sentence in bounded if not least <= value <= most}
