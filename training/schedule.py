"""How the learning rate changes in a fit."""

from collections.abc import Callable


def up_and_down(total: int, warmup: float) -> Callable[[int], float]:
    """The share of the learning rate at each of ``total`` steps: up in a line for ``warmup`` of them, then down to 0.

    >>> [round(up_and_down(4, 0.5)(step), 2) for step in range(5)]
    [0.5, 1.0, 1.0, 0.5, 0.0]
    """
    total = max(total, 1)
    warm = max(round(total * warmup), 1)

    def factor(step: int) -> float:
        return min((step + 1) / warm, max((total - step) / max(total - warm, 1), 0.0))

    return factor
