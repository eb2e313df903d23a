"""How near white noise comes to a named kernel, or to one colour: the test that every label has to pass.

Both limits are those that one filter of normally distributed weights in two hundred exceeds, so that at most one in a
hundred gets a label by chance. They were measured from 3 × 3 to 11 × 11 weights; between and beyond, power laws lie
above what was measured. ``python -m tests.benchmarks.resemblance`` prints the share of noise that is named.
"""

from __future__ import annotations

import math

_FEWEST = 9


def pattern_limit(weights: int) -> float:
    """Return the share of a random pattern's energy, cosine squared, that the nearest named kernel may explain.

    Parameters
    ----------
    weights : int
        How many weights the pattern has. Fewer than nine resemble something whatever they are: the limit is infinite.
    """
    return float(min(7.2 * weights**-0.73, 0.985)) if weights >= _FEWEST else math.inf


def colour_limit(weights: int) -> float:
    """Return the share of a random filter's energy that a single colour direction may hold, of three channels.

    Parameters
    ----------
    weights : int
        How many weights the filter has in each channel; fewer than nine are always nearly of one colour.
    """
    return 1 / 3 + 1.45 * weights**-0.483 if weights >= _FEWEST else math.inf
