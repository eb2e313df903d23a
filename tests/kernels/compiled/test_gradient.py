"""Gradients in C: against definitions, and against the way without the compiled core."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from kernels import compiled, gradient
from kernels.errors import Cancelled
from kernels.gradients import edges
from kernels.gradients.result import direction_of

core = compiled.core
pytestmark = pytest.mark.skipif(core is None, reason="the core is not compiled")

PRECISIONS = [np.float32, np.float64]
SHAPES = [(1, 1), (1, 40), (40, 1), (2, 3), (17, 33), (30, 131), (0, 5), (5, 0)]
SPECIAL = [0.0, -0.0, 1.0, -1.0, 2.0, 3.0, np.inf, -np.inf, np.nan, 1e-40, 1e-320, 3e38, -1e300, 1e-3]


def components(kind: str, shape: tuple[int, int], dtype: type, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return Gx and Gy: noise, few whole numbers with many ties, plateaus, or extraordinary numbers."""
    rng = np.random.default_rng(seed)
    if kind == "noise":
        pair = rng.normal(size=(2, *shape))
    elif kind == "ties":
        pair = rng.integers(-2, 3, (2, *shape)).astype(float)
    elif kind == "plateaus":
        pair = np.repeat(rng.integers(-1, 2, (2, shape[0], -(-shape[1] // 7))), 7, axis=2)[:, :, : shape[1]].astype(
            float
        )
    elif kind == "nearly equal":
        pair = 5 + rng.integers(-6, 7, (2, *shape)) * float(np.finfo(dtype).eps)
    else:
        pair = rng.choice(SPECIAL, (2, *shape))
    with np.errstate(over="ignore"):
        return pair[0].astype(dtype), pair[1].astype(dtype)


def sizes(gx: np.ndarray, gy: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.where(np.isfinite(gx) & np.isfinite(gy), np.hypot(gx, gy), gx.dtype.type(np.nan))


KINDS = ["noise", "ties", "plateaus", "nearly equal", "special"]


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("norm", ["l2", "l1", "max"])
def test_magnitudes_are_numpys_to_the_last_bit(dtype, norm):
    for kind, shape in itertools.product(KINDS, SHAPES):
        gx, gy = (part.ravel() for part in components(kind, shape, dtype))
        out = np.full(gx.shape, 7, dtype)
        core.magnitude(gx, gy, norm, 0.75, out)
        with np.errstate(all="ignore"):
            size = {"l2": np.sqrt(gx * gx + gy * gy), "l1": abs(gx) + abs(gy), "max": np.maximum(abs(gx), abs(gy))}[
                norm
            ]
        size[~(size > dtype(0.75))] = 0
        size[~(np.isfinite(gx) & np.isfinite(gy))] = np.nan
        np.testing.assert_array_equal(out, size)


def test_directions_are_right_to_three_roundings():
    for kind, shape in itertools.product(KINDS, SHAPES):
        gx, gy = (part.ravel() for part in components(kind, shape, np.float32))
        magnitude, out = sizes(gx, gy), np.empty(gx.shape, np.float32)
        core.direction(gx, gy, magnitude, out)
        exact = np.degrees(np.arctan2(gy.astype(np.float64), gx.astype(np.float64)))
        exact[exact == 180] = -180
        there = magnitude > 0
        assert np.isnan(out[~there]).all()
        # Angles that are 180 in float32 but not in float64 lie on the other side of the cut.
        away = np.abs(out[there] - exact[there])
        rounding = np.spacing(np.maximum(np.abs(exact[there]), 1e-30).astype(np.float32))
        assert (np.minimum(away, 360 - away) <= 3 * rounding).all()
        assert ((out[there] >= -180) & (out[there] < 180)).all()


def test_directions_along_axes_and_diagonals_are_exact():
    turns = np.array([(-1, 0), (-1, -1), (0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1)], np.float32)
    for size in (1, 3e-45, 1e-38, 7.3, 3.4e38):
        gx, gy = (np.ascontiguousarray(part * np.float32(size)) for part in turns.T)
        out = np.empty(8, np.float32)
        direction_of(gx, gy, np.ones(8, np.float32), out)
        assert out.tolist() == [-180, -135, -90, -45, 0, 45, 90, 135]
    out = np.empty(4, np.float32)
    core.direction(np.float32([-1, 1, 0, -0.0]), np.float32([-0.0, -0.0, 1, -1]), np.ones(4, np.float32), out)
    assert out.tolist() == [-180, 0, 90, -90]
    assert not np.signbit(out[1])


def test_a_direction_is_the_same_however_it_is_read():
    g = gradient(np.random.default_rng(3).integers(0, 256, (30, 41)).astype(np.uint8))
    np.testing.assert_array_equal(g.directions[3:20:4, ::3], g.direction[3:20:4, ::3])
    assert g.directions[4, 5] == g.direction[4, 5]
    np.testing.assert_array_equal(g.directions[7], g.direction[7])


def is_ridge(magnitude: np.ndarray, gx: np.ndarray, gy: np.ndarray, i: int, j: int, stride: tuple[int, int]) -> bool:
    """The definition, at one place, in the precision of the arrays."""
    dtype = magnitude.dtype.type
    here, x, y = magnitude[i, j], gx[i, j] / dtype(stride[1]), gy[i, j] / dtype(stride[0])
    if not here > 0 or (x == 0 and y == 0):
        return False
    right, down = (-1 if x < 0 else 1), (-1 if y < 0 else 1)
    beside = (0, right) if abs(x) >= abs(y) else (down, 0)
    share = min(abs(x), abs(y)) / max(abs(x), abs(y))

    def at(y: int, x: int) -> np.floating:
        is_inside = 0 <= i + y < magnitude.shape[0] and 0 <= j + x < magnitude.shape[1]
        return magnitude[i + y, j + x] if is_inside else dtype(0)

    near, far = at(*beside), at(-beside[0], -beside[1])
    ahead, behind = near + (at(down, right) - near) * share, far + (at(-down, -right) - far) * share
    slack = here * dtype(4 * np.finfo(dtype).eps)
    return bool(ahead <= here + slack and behind < here - slack)


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stride", [(1, 1), (3, 2)])
def test_ridges_are_those_of_the_definition(dtype, kind, stride):
    for shape in [(1, 1), (1, 9), (9, 1), (17, 35)]:
        gx, gy = components(kind, shape, dtype, seed=shape[1])
        magnitude = sizes(gx, gy)
        with np.errstate(all="ignore"):
            expected = [[is_ridge(magnitude, gx, gy, i, j, stride) for j in range(shape[1])] for i in range(shape[0])]
        np.testing.assert_array_equal(edges.ridges(magnitude, gx, gy, stride), np.array(expected).reshape(shape))


@pytest.mark.parametrize("dtype", PRECISIONS)
def test_ridges_are_the_same_without_the_core(monkeypatch, dtype):
    monkeypatch.setattr(edges, "_STRIP", 300)
    for kind, shape, seed in itertools.product(KINDS, [(1, 1), (1, 50), (50, 1), (3, 3), (41, 67)], range(4)):
        gx, gy = components(kind, shape, dtype, seed)
        magnitude = sizes(gx, gy)
        if seed == 3:  # magnitudes that do not belong to the components
            magnitude = abs(components(kind, shape, dtype, 99)[0])
        for stride, least in itertools.product(((1, 1), (2, 1), (1, 3)), (0.0, 0.5, 1.0, 2.0)):
            found = edges.ridges(magnitude, gx, gy, stride, least=least)
            with monkeypatch.context() as without:
                without.setattr(compiled, "core", None)
                np.testing.assert_array_equal(found, edges.ridges(magnitude, gx, gy, stride, least=least))


def test_ridges_of_arrays_that_are_views():
    gx, gy = components("noise", (60, 80), np.float32)
    part = slice(None, None, 2), slice(1, None, 3)
    copies = [each[part].copy() for each in (sizes(gx, gy), gx, gy)]
    np.testing.assert_array_equal(edges.ridges(sizes(gx, gy)[part], gx[part], gy[part]), edges.ridges(*copies))


@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 2, 3, 1 << 14]), st.sampled_from([1, 200, 1 << 18]))
def test_hysteresis_against_labels_of_scipy(seed, stack, strip):
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(1, 60, 2))
    magnitude = rng.choice([0.0, 1.0, 2.0, np.nan], shape, p=[0.3, 0.66, 0.02, 0.02]).astype(np.float32)
    candidates = rng.random(shape) < rng.choice([0.5, 0.8, 1.0])
    before = edges._STACK, edges._STRIP
    edges._STACK, edges._STRIP = stack, strip
    try:
        found = edges.hysteresis(candidates, magnitude, 1.0, 2.0)
    finally:
        edges._STACK, edges._STRIP = before
    labels, _ = ndimage.label(candidates & (magnitude >= 1), np.ones((3, 3)))
    strong = np.unique(labels[candidates & (magnitude >= 2)])
    np.testing.assert_array_equal(found, np.isin(labels, strong) & (labels > 0))


def snake(height: int, width: int) -> np.ndarray:
    """Return one line that goes down and up through the whole picture, column by column."""
    line = np.zeros((height, width), bool)
    line[:, ::2] = True
    line[-1, 1::4] = line[0, 3::4] = True
    return line


@pytest.mark.parametrize("dtype", [*PRECISIONS, np.int64])
def test_a_line_is_followed_through_all_strips(monkeypatch, dtype):
    monkeypatch.setattr(edges, "_STRIP", 400)
    line = snake(101, 97)
    magnitude = line.astype(dtype)
    magnitude[100, 96] = 3
    np.testing.assert_array_equal(edges.hysteresis(line, magnitude, 1, 3), line)
    assert not edges.hysteresis(line, magnitude, 1, 4).any()
    turned = np.asfortranarray(line), np.asfortranarray(magnitude)
    np.testing.assert_array_equal(edges.hysteresis(*turned, 1, 3), line)
    monkeypatch.setattr(compiled, "core", None)
    np.testing.assert_array_equal(edges.hysteresis(line, magnitude, 1, 3), line)


def test_a_long_line_can_be_given_up(monkeypatch):
    monkeypatch.setattr("kernels.filtering.backends.workers._most", 1)  # the others do not ask
    line = snake(2400, 2400)
    magnitude = line.astype(np.float32)
    magnitude[0, 0] = 2
    asked = []

    def cancelled() -> bool:
        asked.append(0)
        return len(asked) > 30

    with pytest.raises(Cancelled):
        edges.hysteresis(line, magnitude, 1, 2, cancelled)
    np.testing.assert_array_equal(edges.hysteresis(line, magnitude, 1, 2), line)


def test_a_gradient_is_the_same_without_the_core(monkeypatch):
    rng = np.random.default_rng(8)
    for dtype, norm in itertools.product((np.uint8, np.float32, np.float64), ("l2", "l1", "max")):
        image = rng.integers(0, 256, (90, 121)).astype(dtype)
        image[20:50] //= 9
        if dtype != np.uint8:
            image[60, 60] = np.nan
        found = gradient(image, norm=norm)
        results = found.magnitude, found.direction, found.ridges(), found.edges(40, 120)
        assert results[3].any()
        with monkeypatch.context() as without:
            without.setattr(compiled, "core", None)
            plain = gradient(image, norm=norm)
            np.testing.assert_array_equal(results[0], plain.magnitude)
            np.testing.assert_allclose(results[1], plain.direction, rtol=3e-7)
            np.testing.assert_array_equal(results[2], plain.ridges())
            np.testing.assert_array_equal(results[3], plain.edges(40, 120))


def floats(*shape: int) -> np.ndarray:
    return np.zeros(shape, np.float32)


def mask(*shape: int) -> np.ndarray:
    return np.zeros(shape, bool)


ROOM, STACK = np.zeros(12, np.uint8), np.zeros((9, 2), np.intc)
WRONG = {
    "magnitude": [
        (floats(4), floats(4), "l3", 0.0, floats(4)),
        (floats(4), floats(5), "l2", 0.0, floats(4)),
        (floats(4), floats(4), "l2", 0.0, floats(5)),
        (floats(4), np.zeros(4), "l2", 0.0, floats(4)),
        (floats(4), floats(8)[::2], "l2", 0.0, floats(4)),
        (floats(2, 2), floats(2, 2), "l2", 0.0, floats(2, 2)),
        (None, floats(4), "l2", 0.0, floats(4)),
    ],
    "direction": [
        (floats(4), floats(4), floats(3), floats(4)),
        (floats(4), floats(4), floats(4), floats(3)),
        (np.zeros(4), np.zeros(4), np.zeros(4), np.zeros(4)),
    ],
    "ridges": [
        (floats(3, 5), floats(3, 5), floats(3, 5), 0, (1, 1), 0.0, floats(20), mask(3, 5)),
        (floats(3, 5), floats(3, 5), floats(3, 5), 1, (1, 1), 0.0, floats(21), mask(3, 5)),
        (floats(3, 5), floats(3, 5), floats(3, 5), -1, (1, 1), 0.0, floats(21), mask(3, 5)),
        (floats(3, 5), floats(1, 5), floats(1, 5), 3, (1, 1), 0.0, floats(21), mask(1, 5)),
        (floats(3, 5), floats(0, 5), floats(0, 5), 4, (1, 1), 0.0, floats(21), mask(0, 5)),
        (floats(3, 5), floats(3, 4), floats(3, 4), 0, (1, 1), 0.0, floats(21), mask(3, 4)),
        (floats(3, 5), floats(3, 5), floats(3, 4), 0, (1, 1), 0.0, floats(21), mask(3, 5)),
        (floats(3, 5), floats(3, 5), floats(3, 5), 0, (1, 1), 0.0, floats(21), mask(2, 5)),
        (floats(3, 5), floats(3, 5), floats(3, 5), 0, (1, 1), 0.0, floats(21), np.zeros((3, 5), np.uint8)),
        (floats(3, 5), floats(3, 5), floats(3, 5), 0, (1, 1), 0.0, np.zeros(21), mask(3, 5)),
        (floats(5, 3).T, floats(3, 5), floats(3, 5), 0, (1, 1), 0.0, floats(21), mask(3, 5)),
    ],
    "double_threshold": [
        (mask(4), floats(5), 1.0, 2.0, mask(4), mask(4)),
        (mask(4), floats(4), 1.0, 2.0, mask(3), mask(4)),
        (mask(4), floats(4), 1.0, 2.0, mask(4), mask(3)),
    ],
    "connect": [
        (mask(3, 5), mask(3, 5), 0, 4, ROOM, STACK),
        (mask(3, 5), mask(3, 5), -1, 3, ROOM, STACK),
        (mask(3, 5), mask(2, 5), 0, 2, ROOM, STACK),
        (mask(3, 5), mask(3, 5), 0, 3, ROOM[:11], STACK),
        (mask(3, 5), mask(3, 5), 0, 3, ROOM, STACK[:0]),
        (mask(3, 5), mask(3, 5), 0, 3, ROOM, np.zeros((9, 3), np.intc)),
        (mask(3, 5), mask(3, 5), 0, 3, ROOM, STACK[::2]),
        (mask(3, 5), mask(3, 5), 0, 3, ROOM, np.zeros((9, 2), np.int64)),
    ],
}


@pytest.mark.parametrize(("name", "arguments"), [(name, each) for name, some in WRONG.items() for each in some])
def test_wrong_arguments_are_refused(name, arguments):
    with pytest.raises((ValueError, TypeError)):
        getattr(core, name)(*arguments)


def test_read_only_arrays_are_not_written():
    out = floats(4)
    out.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        core.magnitude(floats(4), floats(4), "l2", 0.0, out)


def test_a_stack_that_holds_other_numbers_leads_nowhere_else():
    both = np.zeros(200, np.uint8)
    waiting, stack = both[:100].view(bool).reshape(10, 10), both[:96].view(np.intc).reshape(12, 2)
    waiting[...] = True
    found = mask(10, 10)
    found[4, 4] = True
    core.connect(waiting, found, 0, 10, np.zeros(22, np.uint8), stack)
