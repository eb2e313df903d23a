"""Random actions on the real window, each result against NumPy and the definition of correlation.

Run with ``python -m tests.random_actions --actions 1000 --seed 1``; it reports the first difference, with the actions
that led to it, and ends with status 1. After every action the window must show what its document says: output,
histogram, counts, range in the title, levels, painted pixels, and the arithmetic of the pixel that is read. Undo and
redo must bring back the document and the output that stood at that step. Nothing here imports what it checks against
from `viewer`.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QComboBox, QWidget

from kernels.filtering import reference
from kernels.numbers import format_number
from kernels.pictures import colour
from viewer.pages.filter.queries import CLIPPED, NUMBERS, OUTPUT
from viewer.shelf import open_result
from viewer.state import range_mode
from viewer.store import UNDO_LIMIT

NUMBERS_TYPED = ("0", "1", "-1", "2", "-3", "1/3", "0.5", "−2.25", "10", "1e-3", "17", "1/9")
SAMPLES = ("lecture-grid", "lecture-5x5")
MANY = 1e6
"""Outputs beyond this are not made the next input again."""


class Difference(AssertionError):
    """What the window shows is not what its document says."""


def made_pictures(folder: Path) -> list[Path]:
    """Write small pictures of several kinds."""
    rng = np.random.default_rng(5)
    holes = rng.normal(0, 3, (19, 23)).astype(np.float32)
    holes[4, 5], holes[11, 3] = np.nan, np.inf
    arrays = {
        "grey": rng.integers(0, 256, (31, 43)).astype(np.uint8),
        "colour": rng.integers(0, 256, (29, 37, 3)).astype(np.uint8),
        "opaque": rng.integers(0, 256, (17, 21, 4)).astype(np.uint8),
        "deep": rng.integers(0, 65536, (27, 22)).astype(np.uint16),
        "double": rng.normal(0, 1, (24, 18)),
        "holes": holes,
        "row": rng.integers(0, 256, (1, 40)).astype(np.uint8),
    }
    paths = []
    for name, array in arrays.items():
        path = folder / f"{name}.npy"
        np.save(path, array)
        paths.append(path)
    return paths


class Hand:
    """Does one random thing after another, and looks at what comes of it."""

    def __init__(self, window: Any, seed: int, pictures: list[Path]) -> None:
        self.window, self.random, self.pictures = window, random.Random(seed), pictures
        self.log: list[str] = []
        self.steps: dict[int, tuple[Any, Any]] = {}
        self.pushed = 0
        self.failures = 0
        window.store.undo_stack.indexChanged.connect(self._count)
        self._remember()

    def _count(self, _index: int) -> None:
        self.pushed += 1

    def control(self, name: str) -> Any:
        found = self.window.findChild(QWidget, name)
        assert found is not None, name
        return found

    # -- what is done ----------------------------------------------------------------------------------------------

    def act(self) -> None:
        """Do something, wait, and compare."""
        kinds = {
            self.cell: 14, self.preset: 8, self.option: 10, self.size: 5, self.number: 5, self.channel: 4,
            self.range: 6, self.level: 2, self.button: 5, self.undo: 10, self.redo: 7, self.picture: 4, self.read: 6,
            self.page: 1, self.adopt: 1, self.burst: 3,
        }  # fmt: skip
        kind: Callable[[], str] = self.random.choices(list(kinds), list(kinds.values()))[0]
        before, output = self.window.store.undo_stack.index(), self.window.output()
        self.pushed = 0
        self.log.append(kind.__name__)
        self.log[-1] = f"{kind.__name__} {kind()}"
        self.window.wait_until_idle()
        if kind in (self.undo, self.redo):
            self._compare_with_step(output)
        else:
            self._forget(before)
        self.check(output)
        self._remember()

    def cell(self) -> str:
        model = self.control("kernelTable").model()
        row, column = self.random.randrange(model.rowCount()), self.random.randrange(model.columnCount())
        text = self.random.choice(NUMBERS_TYPED)
        model.setData(model.index(row, column), text)
        return f"{row}, {column}: {text}"

    def _choose(self, name: str) -> str:
        box = self.control(name)
        row = self.random.randrange(box.count())
        if isinstance(box, QComboBox) and name == "channelCombo" and not box.model().item(row).isEnabled():
            return "disabled"
        box.setCurrentIndex(row)
        return f"{name} {box.currentData()}"

    def preset(self) -> str:
        return self._choose("presetCombo")

    def channel(self) -> str:
        return self._choose("channelCombo")

    def range(self) -> str:
        return self._choose("rangeCombo")

    def page(self) -> str:
        tabs = self.control("workspaceTabs")
        tabs.setCurrentIndex(tabs.findData("gradient"))
        self.window.wait_until_idle(30)
        tabs.setCurrentIndex(tabs.findData("filter"))
        return "gradient and back"

    def option(self) -> str:
        name = self.random.choice(("operationCombo", "paddingCombo", "borderCombo", "borderValue", "strideY", "strideX",
                                   "dilationY", "dilationX", "paddingY"))  # fmt: skip
        if name.endswith("Combo"):
            return self._choose(name)
        if name == "borderValue":
            return self._type(name)
        value = self.random.choice((1, 1, 1, 2, 3, 5))
        self.control(name).setValue(value)
        return f"{name} {value}"

    def size(self) -> str:
        name, value = self.random.choice(("kernelRows", "kernelColumns")), self.random.choice((1, 2, 3, 3, 4, 5, 7, 31))
        self.control(name).setValue(value)
        return f"{name} {value}"

    def _type(self, name: str) -> str:
        field, text = self.control(name), self.random.choice(NUMBERS_TYPED)
        field.setText(text)
        field.editingFinished.emit()
        return f"{name} {text}"

    def number(self) -> str:
        return self._type(self.random.choice(("divisorEdit", "offsetEdit")))

    def level(self) -> str:
        return self._type(self.random.choice(("levelLow", "levelHigh")))

    def button(self) -> str:
        name = self.random.choice(("rotateButton", "flipHorizontalButton", "flipVerticalButton", "transposeButton",
                                   "negateButton", "growButton", "shrinkButton", "normaliseButton",
                                   "resetKernelButton"))  # fmt: skip
        self.control(name).click()
        return name

    def _again(self, name: str) -> str:
        count = self.random.choice((1, 1, 1, 2, 5, 12))
        for _ in range(count):
            self.window.intents.call(name)
        return str(count)

    def undo(self) -> str:
        return self._again("undo")

    def redo(self) -> str:
        return self._again("redo")

    def picture(self) -> str:
        name = self.random.choice((*SAMPLES, *self.pictures))
        self.window.open(name)
        return Path(name).name

    def adopt(self) -> str:
        output = self.window.output()
        if not np.abs(output[np.isfinite(output)], dtype=np.float64).max(initial=0.0) < MANY or output.size > 10_000:
            return "not this one"
        self.window.intents.call("outputToInput")
        return ""

    def read(self) -> str:
        pane = self.control(self.random.choice(("inputPane", "outputPane")))
        x, y = self.random.randrange(pane.width()), self.random.randrange(40, pane.height())
        QTest.mouseClick(pane, Qt.MouseButton.LeftButton, pos=pane.rect().topLeft() + type(pane.pos())(x, y))
        return f"{pane.objectName()} at {x}, {y}"

    def burst(self) -> str:
        """Several edits without waiting in between: the last one counts."""
        done = []
        for _ in range(self.random.randrange(2, 6)):
            done.append(self.random.choice((self.cell, self.preset, self.option, self.range))())
            if self.random.random() < 0.5:
                QApplication.processEvents()
        return "; ".join(done)

    # -- undo ------------------------------------------------------------------------------------------------------

    def _remember(self) -> None:
        self.steps[self.window.store.undo_stack.index()] = self.window.store.document, self.window.output()

    def _forget(self, before: int) -> None:
        """What could be done again is gone, and beyond the limit the oldest steps are."""
        if not self.pushed:
            return
        gone = max(0, before + self.pushed - UNDO_LIMIT)
        self.steps = {index - gone: held for index, held in self.steps.items() if gone <= index <= before}

    def _compare_with_step(self, before: Any) -> None:
        held = self.steps.get(self.window.store.undo_stack.index())
        if held is None:
            return
        document, output = held
        _same(self.window.store.document, document, "the document of this step")
        if self.control("outputMessage").isVisible() or output is None:
            return  # it could not be computed then either
        if self.is_possible():
            # Both lie within the bound of the true values.
            _arrays(self.window.output(), output, 2 * self.expected()[1], "the output of this step")

    # -- what is shown ---------------------------------------------------------------------------------------------

    def is_possible(self) -> bool:
        try:
            self.expected()
        except ValueError:
            return False
        return True

    def selected(self) -> Any:
        """The pixels that the kernel runs over."""
        document, picture = self.window.store.document, open_result(self.window.river.moment).value
        pixels, channel = picture.pixels, document.channel
        if pixels.ndim == 3 and channel in ("r", "g", "b"):
            pixels = pixels[:, :, "rgb".index(channel)]
        elif channel != "rgb":
            pixels = colour.extract(picture, channel)
        if document.kernel.channels == 3 and pixels.ndim == 2:
            pixels = np.repeat(pixels[:, :, np.newaxis], 3, axis=2)
        return pixels

    def expected(self) -> tuple[Any, float]:
        """The output by definition, and how far rounding may lead from it."""
        document, pixels = self.window.store.document, self.selected()
        options, kernel = document.options, document.kernel
        run = reference.convolve if options.operation == "convolution" else reference.correlate
        array = run(pixels, kernel, padding=options.padding, stride=options.stride, dilation=options.dilation,
                    border=options.border, border_value=options.border_value)  # fmt: skip
        finite = np.abs(pixels[np.isfinite(pixels)].astype(float))
        largest = max(float(finite.max(initial=0.0)), abs(options.border_value))
        bound = 1e-5 * float(np.abs(kernel.weights).sum()) * largest / abs(kernel.divisor)
        return array, bound + 1e-6 * (bound * 1e5 + abs(kernel.offset)) + 1e-12

    def check(self, before: Any) -> None:
        """Compare everything that is shown with what the document asks for."""
        message = self.control("outputMessage")
        try:
            expected, tolerance = self.expected()
        except ValueError:
            self.failures += 1
            _same(message.isVisible(), True, "whether the failure is said")
            _same(self.window.output() is before or before is None or self._was_replaced(), True, "the last output")
            return
        _same((message.isVisible(), message.text()), (False, ""), "the message over the output")
        output, moment = self.window.output(), self.window.river.moment
        _arrays(output, expected, tolerance, "the output")
        painted = moment.value(OUTPUT).painted
        _same(painted.values is output, True, "whether the picture on screen is the output")
        self._check_numbers(output, moment, painted)
        self._check_pixels(output, painted)
        self._check_arithmetic(output)

    def _was_replaced(self) -> bool:
        """Several edits in one go: the last one that could be computed is shown."""
        return self.log[-1].startswith(("burst", "undo", "redo"))

    def _check_numbers(self, output: Any, moment: Any, painted: Any) -> None:
        numbers, finite = moment.value(NUMBERS), output[np.isfinite(output)].astype(float)
        counts, _edges = np.histogram(finite, numbers.edges)
        # A value on the end of a bin may be counted on either side of it.
        _same(int(numbers.counts.sum()), int(counts.sum()), "values in the histogram")
        if np.abs(np.cumsum(numbers.counts) - np.cumsum(counts)).max(initial=0) > 0:
            raise Difference(f"histogram {numbers.counts.tolist()}, not {counts.tolist()}")
        _same(self.control("histogramStale").isVisible(), False, "whether the histogram is old")
        title = self.control("outputPane").title.text()
        if finite.size:
            ends = " … ".join(format_number(value, 4, true_minus=True) for value in (finite.min(), finite.max()))
            _same(ends in title, True, f"{ends!r} in the title {title!r}")
        bad = ~np.isfinite(output)
        pixels = int((bad.any(axis=2) if bad.ndim == 3 else bad).sum())
        label = self.control("nonFiniteLabel")
        _same(label.text().split(" ")[0] if label.isVisible() else "0", f"{pixels:,}", "pixels that are not finite")
        low, high = painted.levels
        _same(self.control("histogram").levels(), (low, high), "the handles")
        _same(painted.look.mode, range_mode(self.window.store.state), "the range")
        mode = painted.look.mode
        expected = {
            "minmax": (finite.min(initial=np.inf), finite.max(initial=-np.inf)),
            "signed": (-max(abs(low), abs(high)), max(abs(low), abs(high))),
            "manual": self.window.store.session.manual_levels,
        }.get(mode)
        flat = finite.size == 0 or np.ptp(finite) <= 2 * self.expected()[1]
        if expected is not None and not (mode == "minmax" and flat):
            _same((low, high), tuple(float(each) for each in expected), f"the levels of {mode}")
        values, slack = (np.abs(output) if mode == "abs" else output).astype(float), 1e-6 * (high - low)
        with np.errstate(invalid="ignore"):
            under, over = values < low - slack, values > high + slack
        under, over = under & ~bad, over & ~bad
        if output.ndim == 3:
            under, over = under.any(axis=2), over.any(axis=2)
        _same(moment.value(CLIPPED), (int(under.sum()), int(over.sum())), "the clipped pixels")

    def _check_pixels(self, output: Any, painted: Any) -> None:
        """Grey pixels as they are painted."""
        low, high = painted.levels
        if painted.look.colour_map != "grey" or painted.look.mode == "signed" or not np.isfinite(output).all():
            return
        values = (np.abs(output) if painted.look.mode == "abs" else output).astype(float)
        wanted = np.clip((values - low) / (high - low), 0, 1) * 255
        image = painted.image
        grey = image[..., 0] if image.ndim == output.ndim + 1 else image
        off = np.abs(grey - wanted).max()
        if off > 1.001:
            raise Difference(f"painted pixels are off by {off}")

    def _check_arithmetic(self, output: Any) -> None:
        probe, value = self.window.store.session.probe, self.control("arithmeticValue")
        kernel, options = self.window.store.document.kernel, self.window.store.document.options
        if probe is None or probe.i >= output.shape[0] or probe.j >= output.shape[1]:
            return
        chooser = self.control("traceChannelCombo")
        one_by_one = output.ndim == 3
        own = output[probe.i, probe.j]
        own = float(own[chooser.currentData()] if one_by_one else own)
        text = value.text().replace("−", "-").replace("∞", "inf")
        half = 0.5 * 10.0 ** -len(text.partition(".")[2]) if "e" not in text else 0.0
        if not np.isclose(float(text), own, rtol=1e-4 if "e" in text else 2e-6, atol=half, equal_nan=True):
            raise Difference(f"the strip says {value.text()}, the output holds {own!r}")
        if kernel.channels is not None or not np.isfinite(own):
            return
        turned = kernel.weights[::-1, ::-1] if options.operation == "convolution" else kernel.weights
        _same(np.array_equal(self.control("weightsGrid").values(), turned), True, "the weights in the strip")
        total = self.control("productsGrid").values().sum() / kernel.divisor + kernel.offset
        if abs(total - own) > self.expected()[1] + 1e-4 * max(1.0, abs(own)):
            raise Difference(f"the products add up to {total}, the output holds {own!r}")


def _same(found: Any, expected: Any, what: str) -> None:
    if found != expected:
        raise Difference(f"{what}: {found!r}, not {expected!r}")


def _arrays(found: Any, expected: Any, tolerance: float, what: str) -> None:
    _same(None if found is None else found.shape, expected.shape, f"the shape of {what}")
    bad = ~np.isfinite(expected)
    if not np.array_equal(np.isfinite(found), ~bad):
        raise Difference(f"{what} is finite elsewhere")
    # float32 holds seven digits of the result itself.
    off = np.abs(found[~bad].astype(float) - expected[~bad]) - 1e-6 * np.abs(expected[~bad])
    if off.size and off.max() > tolerance:
        raise Difference(f"{what} is off by {off.max():.3g}, more than {tolerance:.3g}")


def run(window: Any, actions: int, seed: int, pictures: list[Path]) -> Hand:
    """Do so many random things, then undo to the bottom and come back.

    Raises
    ------
    Difference
        With the last actions.
    """
    hand = Hand(window, seed, pictures)
    try:
        for _ in range(actions):
            hand.act()
        stack = window.store.undo_stack
        for name, able in (("undo", stack.canUndo), ("redo", stack.canRedo)):
            while able():
                output = window.output()
                hand.log.append(name)
                for _ in range(hand.random.randrange(1, 9)):
                    window.intents.call(name)
                window.wait_until_idle()
                hand._compare_with_step(output)
                hand.check(output)
    except Exception as error:
        last = "\n  ".join(f"{len(hand.log) - 12 + n}: {line}" for n, line in enumerate(hand.log[-12:]))
        raise Difference(f"seed {seed}, action {len(hand.log)}: {type(error).__name__}: {error}\n  {last}") from error
    return hand


def main() -> int:
    """Run the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--actions", type=int, default=1000, help="how many, for each seed")
    parser.add_argument("--seed", type=int, nargs="+", default=[1])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kernelscope-random-") as folder:
        for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
            os.environ[variable] = str(Path(folder) / variable.lower())
        from viewer.app import build

        app = QApplication([sys.argv[0]])
        pictures = made_pictures(Path(folder))
        for seed in arguments.seed:
            start = time.monotonic()
            window = build("lecture-grid")
            window.resize(1366, 768)
            window.show()
            window.wait_until_idle()
            try:
                hand = run(window, arguments.actions, seed, pictures)
            except Difference as difference:
                print(difference)  # noqa: T201
                return 1
            finally:
                window.close()
                app.processEvents()
            print(  # noqa: T201
                f"seed {seed}: {arguments.actions} actions, {hand.failures} of them impossible and said so, "
                f"no difference, {time.monotonic() - start:.0f} s",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
