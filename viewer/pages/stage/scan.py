"""The way of the window over the output: row by row, or every n-th row, in a region or over all of it. No Qt."""

from __future__ import annotations

import msgspec

from viewer.page_views import StageView

Pixel = tuple[int, int]
Area = tuple[float, float, float, float]
"""Top, left, height, width in output pixels."""


class Scan(msgspec.Struct, frozen=True):
    """The output pixels that are gone through, in raster order; `rows` and `columns` are (first, last)."""

    rows: Pixel
    columns: Pixel
    every: int

    @property
    def first(self) -> Pixel:
        """Where the window begins."""
        return self.rows[0], self.columns[0]

    @property
    def last(self) -> Pixel:
        """Where it ends."""
        top, bottom = self.rows
        return bottom - (bottom - top) % self.every, self.columns[1]

    @property
    def count(self) -> int:
        """How many positions there are."""
        return ((self.rows[1] - self.rows[0]) // self.every + 1) * (self.columns[1] - self.columns[0] + 1)

    def nth(self, number: int) -> Pixel:
        """The position that comes after so many others."""
        down, along = divmod(number, self.columns[1] - self.columns[0] + 1)
        return self.rows[0] + down * self.every, self.columns[0] + along

    def following(self, pixel: Pixel) -> Pixel | None:
        """The next position behind `pixel`, wherever that is; None at the end."""
        i, j = pixel
        (top, _), (left, right) = self.rows, self.columns
        row = max(top, i)
        late = (row - top) % self.every
        if late:
            row += self.every - late
        if row > i:
            found = row, left
        elif j < right:
            found = row, max(left, j + 1)
        else:
            found = row + self.every, left
        return found if found <= self.last else None

    def preceding(self, pixel: Pixel) -> Pixel | None:
        """The last position before `pixel`, wherever that is; None at the beginning."""
        i, j = pixel
        (top, _), (left, right) = self.rows, self.columns
        row = min(i, self.last[0])
        row -= (row - top) % self.every
        if row < i:
            found = row, right
        elif j > left:
            found = row, min(right, j - 1)
        else:
            found = row - self.every, right
        return found if found >= self.first else None

    def after(self, pixel: Pixel, steps: int, *, loop: bool) -> Pixel | None:
        """The position `steps` behind `pixel`; past the end, from the beginning or None."""
        for _ in range(steps):
            following = self.following(pixel)
            if following is None and not loop:
                return None
            pixel = following or self.first
        return pixel


def scan_of(view: StageView, output_shape: Pixel) -> Scan:
    """What the window goes through in an output of this size."""
    top, bottom, left, right = view.scanned(output_shape)
    return Scan((top, bottom), (left, right), view.every)


def covered_areas(view: StageView, output_shape: Pixel) -> tuple[Area, ...]:
    """What of the output the window has still to fill."""
    scan, (i, j) = scan_of(view, output_shape), view.position(output_shape)
    (top, bottom), (left, right) = scan.rows, scan.columns
    wide = right - left + 1
    is_asked = view.is_covered((i, j), output_shape)
    first = j if is_asked else j + 1
    areas: list[Area] = []
    if is_asked and not (top <= i <= bottom and left <= j <= right):
        areas.append((i, j, 1, 1))
    if top <= i <= bottom and first <= right:
        first = max(first, left)
        areas.append((i, first, 1, right - first + 1))
    below = max(top, i + 1)
    if below <= bottom:
        areas.append((below, left, bottom - below + 1, wide))
    return tuple(areas)
