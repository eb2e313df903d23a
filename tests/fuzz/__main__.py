"""``python -m tests.fuzz --minutes 10``: damage files, text and command lines, and count what comes of it.

Every input must give a result or one plain sentence, in time and within its memory. The seed is fixed; another one, or
another first number, tries other inputs. An input of every new kind of failure is saved in ``tests/fuzz/corpus``, which
the test suite replays. The exit status is 1 if there were failures.
"""

import argparse
import sys
import time

from tests.fuzz.runner import FINE, fuzz, save


def main():
    """Fuzz and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=int, default=0, help="number of the first input of every target")
    parser.add_argument("--target", action="append", help="only this one; may be given several times")
    arguments = parser.parse_args()
    start = time.monotonic()
    table, failures = fuzz(60 * arguments.minutes, arguments.seed, arguments.target, start=arguments.start)
    columns = (*FINE, "failure")
    print(f"{'target':<14}{'inputs':>10}" + "".join(f"{column:>16}" for column in columns))
    for name, counts in table.items():
        print(f"{name:<14}{counts.total():>10,}" + "".join(f"{counts[column]:>16,}" for column in columns))
    total = sum(counts.total() for counts in table.values())
    print(f"{'all':<14}{total:>10,}" + "".join(f"{sum(c[column] for c in table.values()):>16,}" for column in columns))
    print(f"seed {arguments.seed}, {time.monotonic() - start:.0f} s")
    for path, kind in save(failures):
        print(f"{path.name}: {kind}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
