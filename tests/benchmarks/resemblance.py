"""How much white noise gets a label: ``python -m tests.benchmarks.resemblance [FILTERS]`` prints the table.

At most one in a hundred should, whatever the size.
"""

import sys
from collections import Counter

import numpy as np

from kernels.cnn.resemblance import KINDS, classify

SIZES = (
    (2, 2, 3), (1, 1, 3), (3, 3, 1), (3, 3, 3), (3, 3, 16), (1, 9, 1), (1, 9, 3), (2, 5, 3), (3, 5, 3), (4, 4, 3),
    (5, 5, 1), (5, 5, 3), (6, 6, 3), (3, 11, 3), (7, 7, 1), (7, 7, 3), (9, 9, 3), (11, 11, 1), (11, 11, 3), (15, 15, 3),
)  # fmt: skip
LARGEST_SHARE = 0.01


def shares(size, count, seed=0):
    """Return how many of `count` filters of white noise get each kind of label."""
    filters = np.random.default_rng((seed, *size)).standard_normal((count, *size))
    found = Counter()
    for start in range(0, count, 250):
        found.update(one.kind for one in classify(filters[start : start + 250]))
    return found


def main():
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    print(f"{'size':<14}{'named':>8}" + "".join(f"{kind:>9}" for kind in KINDS[:-1]) + f"   % of {count:,} filters")
    for size in SIZES:
        found = shares(size, count)
        named = count - found["nothing"]
        columns = "".join(f"{100 * found[kind] / count:>9.2f}" for kind in KINDS[:-1])
        print(f"{' x '.join(map(str, size)):<14}{100 * named / count:>8.2f}{columns}", flush=True)


if __name__ == "__main__":
    main()
