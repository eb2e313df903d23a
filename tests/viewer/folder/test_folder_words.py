"""What the dialog says of a recipe, of what there is to choose from, and of a run."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from kernels.batch.run import Progress
from kernels.batch.settings import FORMATS, RANGES, settings_for
from kernels.filtering.geometry import SlidingOptions
from kernels.kernel import library
from kernels.recipe import Recipe
from viewer.document import Document, RowStage
from viewer.pages.folder import words
from viewer.pages.folder.running import Standing


def test_a_kernel_is_told_with_its_options() -> None:
    options = SlidingOptions(operation="convolution", padding=(1, 2), stride=2, dilation=(1, 3), border_value=-4)
    document = Document(kernel=library.get("gaussian", sigma=2.0), options=options, channel="lab-a")
    told = words.kernel_words(document, "Gaussian")
    rows, columns = document.kernel.shape
    assert told.split(" · ") == [
        f"Gaussian, {columns} × {rows}",
        "convolution",
        "padding y 1, x 2",
        "border constant −4",
        "stride 2",
        "dilation y 1, x 3",
        "channel: lab: green to red, a*",
    ]
    plain = words.kernel_words(Document(), "Sobel x")
    assert plain == "Sobel x, 3 × 3 · correlation · padding same · border constant · channel: all, one by one"


def test_a_row_is_told_by_its_stages_that_are_on() -> None:
    assert words.row_words(Document()).endswith("Magnitude")
    off = tuple(replace(stage, is_on=False) for stage in Document().row)
    assert "No stage" in words.row_words(Document(row=off))
    assert words.row_words(Document(row=(*off, RowStage(9, "relu")))) == "ReLU"


def test_what_is_offered_is_what_a_batch_takes() -> None:
    assert {data for data, _title, _tip in words.ranges()} == set(RANGES)
    offered = [data for data, _title, _tip in words.formats()]
    assert offered[0] is None
    assert {FORMATS[data] for data in offered[1:]} | {(".jpeg", 8), (".tiff", 8)} == set(FORMATS.values())
    recipe = Recipe.of_filter(library.get("identity"), SlidingOptions())
    for data in offered:
        assert settings_for(recipe, format=data).format == data
    titles = [title for _data, title, _tip in words.formats()]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize(
    ("standing", "line", "share"),
    [
        (Standing(), "Looking for pictures…", 0.0),
        (Standing("running", Progress(3, 0, 0, None, 0.0, None)), "3 pictures", 0.0),
        (
            Standing("running", Progress(700, 50, 1, 1502, 12.34, 754.4)),
            "751 of 1,502 pictures, 50 done before, 1 failed, 12.3 a second, 12 min 34 s left",
            0.5,
        ),
        (Standing("running", Progress(9, 0, 0, 10, 12.0, 0.1)), "9 of 10 pictures, 12.0 a second", 0.9),
        (Standing("paused", Progress(1, 0, 0, 4, 2.0, 1.5)), "Paused: 1 of 4 pictures", 0.25),
        (Standing("cancelled", Progress(1, 0, 0, 4, 2.0, 1.5)), "Cancelled: 1 of 4 pictures", 0.25),
        (Standing("ended", Progress(0, 4, 0, None, 0.0, None)), "Done: 4 pictures, 4 done before", 1.0),
        (Standing("failed", None, (), "why"), "", 0.0),
    ],
)
def test_a_run_is_told_in_a_line(standing: Standing, line: str, share: float) -> None:
    assert (words.standing_words(standing), words.share_done(standing)) == (line, share)
