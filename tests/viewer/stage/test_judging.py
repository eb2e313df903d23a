"""What is said to a predicted number."""

import pytest

from kernels import Kernel
from kernels.filtering.tracing import trace
from viewer.pages.stage.judging import counted, judge

PICTURE = [[97.0, 103, 111], [90, 91, 94], [67, 75, 73]]


def _trace(divisor=1.0, offset=0.0):
    return trace(PICTURE, Kernel([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], divisor=divisor, offset=offset), (1, 1))


@pytest.mark.parametrize(
    ("answer", "divisor", "offset", "verdict"),
    [
        (28, 1, 0, "right"),
        (-28, 1, 0, "sign"),
        (27, 1, 0, "other"),
        (28.4, 1, 0, "other"),
        (28, 4, 0, "divisor"),
        (7, 4, 0, "right"),
        (28, 4, 128, "divisor"),
        (7, 4, 128, "divisor"),
        (135, 4, 128, "right"),
        (9.33, 3, 0, "right"),
        (9.3333333, 3, 0, "right"),
        (9.3, 3, 0, "other"),
        (-9.33, 3, 0, "sign"),
    ],
)
def test_verdicts(answer, divisor, offset, verdict):
    taken = _trace(divisor, offset)
    assert judge(answer, taken.value, taken) == verdict


def test_zero_is_right_only_if_it_is_zero():
    flat = trace([[5.0] * 3] * 3, Kernel([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]), (1, 1))
    assert judge(0, flat.value, flat) == "right"
    assert judge(1, flat.value, flat) == "other"


def test_the_tally_counts_each_verdict():
    tally = ()
    for verdict in ("right", "other", "right", "sign"):
        tally = counted(tally, verdict)
    assert tally == (("right", 2), ("sign", 1), ("other", 1))
