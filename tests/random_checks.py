"""What the window must show of its document: compared with NumPy and the definition of correlation.

Nothing here imports what it checks against from `viewer`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from PyQt6.QtWidgets import QWidget

from kernels.digits import format_number
from kernels.filtering import reference
from kernels.pictures import colour
from viewer.pages.filter.queries import CLIPPED, NUMBERS, OUTPUT
from viewer.shelf import open_result
from viewer.state import range_mode


class Difference(AssertionError):
    """What the window shows is not what its document says."""


class Checks:
    """Compares all that a window shows; who does something with it writes that into `log`."""

    window: Any
    log: list[str]
    failures: int

    def control(self, name: str) -> Any:
        found = self.window.findChild(QWidget, name)
        assert found is not None, name
        return found

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
        try:
            expected, tolerance = self.expected()
        except ValueError:
            self.failures += 1
            same(self.is_shown("outputMessage"), True, "whether the failure is said")
            if self.window.store.session.on_stage:
                same(self.control("stageOutputMessage").isVisible(), True, "whether the Stage says the failure")
                same(self.control("equation").accessibleDescription(), "", "the line where nothing can be computed")
            same(self.window.output() is before or before is None or self._was_replaced(), True, "the last output")
            return
        told = self.is_shown("outputMessage"), self.control("outputMessage").text()
        same(told, (False, ""), "the message over the output")
        output, moment = self.window.output(), self.window.river.moment
        arrays(output, expected, tolerance, "the output")
        painted = moment.value(OUTPUT).painted
        same(painted.values is output, True, "whether the picture on screen is the output")
        self._check_numbers(output, moment, painted)
        self._check_pixels(output, painted)
        if self.window.store.session.on_stage:
            self.check_stage(output)
        else:
            self._check_arithmetic(output)

    def check_stage(self, output: Any) -> None:
        """What the Stage tells."""
        raise NotImplementedError

    def is_shown(self, name: str) -> bool:
        """Whether a control of the Filter page is there, also while another page is in front."""
        return bool(self.control(name).isVisibleTo(self.window.filter.widget))

    def _was_replaced(self) -> bool:
        """Several edits in one go: the last one that could be computed is shown."""
        return self.log[-1].startswith(("burst", "undo", "redo"))

    def _check_numbers(self, output: Any, moment: Any, painted: Any) -> None:
        numbers, finite = moment.value(NUMBERS), output[np.isfinite(output)].astype(float)
        counts, _edges = np.histogram(finite, numbers.edges)
        # A value on the end of a bin may be counted on either side of it.
        same(int(numbers.counts.sum()), int(counts.sum()), "values in the histogram")
        if np.abs(np.cumsum(numbers.counts) - np.cumsum(counts)).max(initial=0) > 0:
            raise Difference(f"histogram {numbers.counts.tolist()}, not {counts.tolist()}")
        same(self.is_shown("histogramStale"), False, "whether the histogram is old")
        title = self.control("outputPane").title.text()
        if finite.size:
            ends = " … ".join(format_number(value, 4) for value in (finite.min(), finite.max()))
            same(ends in title, True, f"{ends!r} in the title {title!r}")
        bad = ~np.isfinite(output)
        pixels = int((bad.any(axis=2) if bad.ndim == 3 else bad).sum())
        label = self.control("nonFiniteLabel")
        same(
            label.text().split(" ")[0] if self.is_shown("nonFiniteLabel") else "0",
            f"{pixels:,}",
            "pixels that are not finite",
        )
        low, high = painted.levels
        same(self.control("histogram").levels(), (low, high), "the handles")
        same(painted.look.mode, range_mode(self.window.store.state), "the range")
        mode = painted.look.mode
        expected = {
            "minmax": (finite.min(initial=np.inf), finite.max(initial=-np.inf)),
            "signed": (-max(abs(low), abs(high)), max(abs(low), abs(high))),
            "manual": self.window.store.session.manual_levels,
        }.get(mode)
        flat = finite.size == 0 or np.ptp(finite) <= 2 * self.expected()[1]
        if expected is not None and not (mode == "minmax" and flat):
            same((low, high), tuple(float(each) for each in expected), f"the levels of {mode}")
        values, slack = (np.abs(output) if mode == "abs" else output).astype(float), 1e-6 * (high - low)
        with np.errstate(invalid="ignore"):
            under, over = values < low - slack, values > high + slack
        under, over = under & ~bad, over & ~bad
        if output.ndim == 3:
            under, over = under.any(axis=2), over.any(axis=2)
        counts = tuple(int(each.sum()) for each in (under, over, under | over))
        same(moment.value(CLIPPED), counts, "the clipped pixels")

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
        same(np.array_equal(self.control("weightsGrid").values(), turned), True, "the weights in the strip")
        total = self.control("productsGrid").values().sum() / kernel.divisor + kernel.offset
        if abs(total - own) > self.expected()[1] + 1e-4 * max(1.0, abs(own)):
            raise Difference(f"the products add up to {total}, the output holds {own!r}")


def same(found: Any, expected: Any, what: str) -> None:
    if found != expected:
        raise Difference(f"{what}: {found!r}, not {expected!r}")


def arrays(found: Any, expected: Any, tolerance: float, what: str) -> None:
    same(None if found is None else found.shape, expected.shape, f"the shape of {what}")
    bad = ~np.isfinite(expected)
    if not np.array_equal(np.isfinite(found), ~bad):
        raise Difference(f"{what} is finite elsewhere")
    # float32 holds seven digits of the result itself.
    off = np.abs(found[~bad].astype(float) - expected[~bad]) - 1e-6 * np.abs(expected[~bad])
    if off.size and off.max() > tolerance:
        raise Difference(f"{what} is off by {off.max():.3g}, more than {tolerance:.3g}")
