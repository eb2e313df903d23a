"""Filter a folder: chosen, looked at beforehand, run, paused, cancelled, run again, and closed in between."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest
import tifffile
from PIL import Image
from scipy import signal

from kernels.batch.manifest import NAME
from kernels.batch.run import BatchRun
from kernels.batch.settings import settings_for
from kernels.filtering.geometry import SlidingOptions
from kernels.kernel import library
from kernels.pictures.windows import seen
from kernels.recipe import Recipe
from tests.kernels.batch.conftest import Here, contents, picture
from tests.kernels.batch.test_splitting import written
from tests.viewer.folder.conftest import Crew, Hand
from viewer.document import with_preset
from viewer.pages.folder import queries
from viewer.pages.folder.queries import PREVIEW

SOBEL_X = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], float)
SOURCES = {"a.png", "b.jpg", "sub/a.tif", "sub/deep/c.bmp", "sub/deep/colour.png"}


def signed(pixels: np.ndarray) -> np.ndarray:
    """Sobel x of a grey picture, the strongest value black or white."""
    found = signal.correlate2d(pixels.astype(float), SOBEL_X, "same")
    most = np.abs(found).max()
    return (found + most) / (2 * most) * 255


def test_the_first_picture_is_shown_before_and_after(hand: Hand, tree: Path) -> None:
    hand.places(tree)
    preview = hand.window.river.moment.value(PREVIEW)
    pixels = np.asarray(Image.open(tree / "a.png"))
    np.testing.assert_array_equal(preview.before, pixels)
    assert np.abs(preview.after.astype(float) - signed(pixels)).max() <= 0.51
    assert (preview.name, preview.shapes) == ("a.png", ((12, 16), (12, 16)))
    assert hand.control("folderBefore").accessibleDescription() == "a.png · 16 × 12"
    hand.run()
    written = cv2.imread(str(Path(hand.control("folderTarget").text()) / "a.png"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(written, preview.after)


def test_a_damaged_first_picture_gives_way_to_the_next(hand: Hand, tree: Path) -> None:
    whole = (tree / "a.png").read_bytes()
    (tree / "a.png").write_bytes(whole[: len(whole) // 2])
    hand.places(tree)
    assert hand.window.river.moment.value(PREVIEW).name == "b.jpg"
    assert hand.said == ""
    hand.type("folderPattern", "a.png")  # where there is no other one
    assert "a.png is damaged" in hand.said
    assert hand.dialog.before.ground.image is None


def test_the_preview_follows_the_kernel_and_the_row(hand: Hand, tree: Path) -> None:
    hand.places(tree)
    pixels = np.asarray(Image.open(tree / "a.png"))
    hand.window.store.edit(lambda document: with_preset(document, "identity"), "x")
    hand.window.wait_until_idle()
    np.testing.assert_array_equal(hand.window.river.moment.value(PREVIEW).after, pixels)
    assert hand.control("folderRange").currentData() == "clip"
    hand.choose("folderBy", "row")
    assert "gaussian" in hand.control("folderRecipe").text()
    after = hand.window.river.moment.value(PREVIEW).after
    assert after.shape == pixels.shape
    assert (after != pixels).any()


def test_a_large_first_picture_is_shown_with_fewer_pixels(hand: Hand, tmp_path: Path) -> None:
    picture(tmp_path / "in" / "large.png", 1, (1200, 900))
    hand.places(tmp_path / "in")
    preview = hand.window.river.moment.value(PREVIEW)
    assert preview.before.shape == preview.after.shape == (300, 225)
    assert preview.shapes == ((1200, 900), (1200, 900))


def test_of_a_picture_that_is_read_by_parts_the_middle_is_shown(
    hand: Hand, threads_of_zarr: None, tmp_path: Path, monkeypatch
) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (1300, 1100), dtype=np.uint8)
    written(tmp_path / "large" / "e.zarr", pixels)
    written(tmp_path / "small" / "e.zarr", pixels[:40, :30])
    (tmp_path / "tiff").mkdir()
    tifffile.imwrite(tmp_path / "tiff" / "e.tif", pixels, tile=(256, 256))
    hand.window.store.edit(lambda document: with_preset(document, "identity"), "x")
    hand.places(tmp_path / "small")
    preview = hand.window.river.moment.value(PREVIEW)
    np.testing.assert_array_equal(preview.before, pixels[:40, :30])
    np.testing.assert_array_equal(preview.after, pixels[:40, :30])
    assert hand.control("folderBefore").accessibleDescription() == "e.zarr · 30 × 40"
    assert hand.control("folderAfter").accessibleDescription() == "30 × 40"
    expected = cv2.resize(pixels[138:1162, 38:1062], (300, 300), interpolation=cv2.INTER_AREA)
    monkeypatch.setattr(seen, "MAXIMUM_PIXELS", 1_000_000)
    for name, path in (("large", "e.zarr"), ("tiff", "e.tif")):
        hand.places(tmp_path / name)
        preview = hand.window.river.moment.value(PREVIEW)
        assert np.abs(preview.before.astype(float) - expected).max() <= 1
        assert np.abs(preview.after.astype(float) - expected).max() <= 1
        assert preview.whole == pixels.shape
        told = hand.control("folderBefore").accessibleDescription()
        assert told == f"{path} · the middle of 1100 × 1300"
        assert hand.control("folderAfter").accessibleDescription() == "1024 × 1024 · as if this were all of it"


def test_the_folder_of_the_open_picture_is_proposed(open_window, crew: Crew, qtbot, tree: Path) -> None:
    hand = Hand(open_window(str(tree / "sub" / "a.tif")), qtbot)
    assert hand.control("folderSource").text() == str(tree / "sub")
    assert hand.control("folderTarget").text() == f"{tree / 'sub'}-filtered"
    hand.type("folderTarget", tree.parent / "mine")
    hand.places(tree)
    assert hand.control("folderTarget").text() == str(tree.parent / "mine")


def test_a_folder_is_chosen_in_a_dialog(hand: Hand, tree: Path, monkeypatch) -> None:
    monkeypatch.setattr(hand.window.dialogs, "ask_folder", lambda *_asked: str(tree))
    hand.click("folderSourceButton")
    hand.window.wait_until_idle()
    assert hand.control("folderBefore").accessibleDescription().startswith("a.png")
    monkeypatch.setattr(hand.window.dialogs, "ask_folder", lambda *_asked: "")
    hand.click("folderTargetButton")
    assert hand.control("folderTarget").text() == f"{tree}-filtered"


def test_all_pictures_are_filtered_as_the_command_does_it(hand: Hand, tree: Path) -> None:
    target = hand.places(tree)
    hand.run()
    assert hand.line == "Done: 5 pictures"
    assert hand.control("folderProgress").value() == 1000
    settings = settings_for(Recipe.of_filter(library.get("sobel-x"), SlidingOptions()))
    for _ in BatchRun(tree, tree.parent / "command", settings).events(Here(settings)):
        pass
    assert set(contents(target)) == SOURCES
    assert contents(target) == contents(tree.parent / "command")


def test_what_failed_is_listed_and_stands_in_the_report(hand: Hand, tree: Path, monkeypatch) -> None:
    (tree / "broken.png").write_text("no picture")
    hand.places(tree)
    hand.run()
    assert hand.failures == [("broken.png", "broken.png holds text, not a picture.")]
    assert hand.line == "Done: 6 pictures, 1 failed"
    for suffix in (".csv", ".json"):
        path = tree.parent / f"report{suffix}"
        monkeypatch.setattr(hand.window.dialogs, "ask_save", lambda *_asked, path=path: str(path))
        hand.click("folderReport")
        hand.window.wait_until_idle()
        text = path.read_text(encoding="utf-8")
        rows = list(csv.DictReader(text.splitlines())) if suffix == ".csv" else json.loads(text)
        expected = dict.fromkeys(SOURCES, "done") | {"broken.png": "failed"}
        assert {row["source"]: row["status"] for row in rows} == expected
    monkeypatch.setattr(hand.window.dialogs, "ask_save", lambda *_asked: str(tree.parent / "report.txt"))
    hand.click("folderReport")
    hand.window.wait_until_idle()
    assert "must end in .csv or .json" in hand.window.status.message.text()


def test_a_run_pauses_and_goes_on(hand: Hand, tree: Path, crew: Crew) -> None:
    crew.hold(1)
    target = hand.places(tree)
    hand.click("folderStart")
    hand.wait(lambda standing: standing.progress is not None and standing.progress.done == 1)
    hand.click("folderPause")
    hand.wait(lambda standing: standing.phase == "paused")
    assert hand.line.startswith("Paused: 1 of 5 pictures")
    assert hand.control("folderPause").text() == "Go on"
    given = len(crew.made[0].done) + len(crew.made[0].given)
    crew.let()
    hand.wait(lambda standing: standing.progress.done == given)  # what was begun is finished
    assert hand.standing.phase == "paused"
    assert len(contents(target)) == given < 5 or given == 5
    hand.click("folderPause")
    hand.wait(lambda standing: standing.is_over)
    assert set(contents(target)) == SOURCES


def test_a_cancelled_run_goes_on_later(hand: Hand, tree: Path, crew: Crew) -> None:
    crew.hold(2)
    target = hand.places(tree)
    hand.click("folderStart")
    hand.wait(lambda standing: standing.progress is not None and standing.progress.done == 2)
    for name in ("folderSource", "folderBy", "folderRange", "folderStart", "folderReport"):
        assert not hand.control(name).isEnabled()
    hand.click("folderCancel")
    hand.wait(lambda standing: standing.phase == "cancelled")
    assert hand.line == "Cancelled: 2 of 5 pictures"
    assert len(contents(target)) == 2
    crew.let()
    hand.run()
    assert hand.line == "Done: 5 pictures, 2 done before"
    assert len(crew.made[1].done) == 3
    hand.run()
    assert hand.line == "Done: 5 pictures, 5 done before"


def test_other_settings_ask_to_replace_older_results(hand: Hand, tree: Path) -> None:
    target = hand.places(tree)
    hand.run()
    before = contents(target)
    hand.choose("folderRange", "abs")
    hand.run()
    assert "the range signed; “Replace older results” or another target" in hand.said
    assert not hand.control("folderReport").isEnabled()
    assert contents(target) == before
    hand.control("folderForce").click()
    assert hand.run().phase == "ended"
    assert hand.said == ""
    assert all(contents(target)[name] != before[name] for name in before)


def test_settings_are_worked_out_once_for_each_change(hand: Hand, tree: Path, monkeypatch) -> None:
    hand.places(tree)
    made = []
    monkeypatch.setattr(queries, "settings_for", lambda *given, **more: made.append(1) or settings_for(*given, **more))
    hand.window.store.edit(lambda document: with_preset(document, "sobel-y"), "x")
    hand.window.wait_until_idle()
    assert len(made) == 1
    hand.choose("folderBy", "row")
    assert len(made) == 2
    hand.type("folderPattern", "b.*")
    assert hand.control("folderBefore").accessibleDescription().startswith("b.jpg")
    assert len(made) == 2


def test_what_is_filled_in_gives_way_to_what_is_typed(open_window, crew: Crew, qtbot, tree: Path) -> None:
    hand = Hand(open_window(str(tree / "a.png")), qtbot)
    for _ in range(2):
        field = hand.control("folderSource")
        assert hand.dialog.focusWidget() is field
        assert field.selectedText() == field.text() == str(tree)
        field.deselect()
        hand.dialog.close()
        hand.window.intents.call("filterFolder")


def test_the_window_stays_usable_meanwhile(hand: Hand, tree: Path, crew: Crew) -> None:
    crew.hold()
    hand.places(tree)
    hand.click("folderStart")
    hand.wait(lambda standing: standing.progress is not None)
    before = hand.window.output()
    hand.window.store.edit(lambda document: with_preset(document, "sobel-y"), "x")
    hand.window.wait_until_idle()  # with its statistics, which wait for a quiet screen
    assert hand.window.output() is not before
    hand.window.intents.call("showLayers")
    hand.window.wait_until_idle()
    assert not hand.standing.is_over
    hand.dialog.close()
    assert not hand.window.store.session.folder.is_open
    crew.let()
    hand.wait(lambda standing: standing.is_over)
    assert hand.window.status.message.text() == "Filter a folder: Done: 5 pictures"
    hand.window.intents.call("filterFolder")
    assert hand.line == "Done: 5 pictures"
    assert "Sobel y" in hand.control("folderRecipe").text()


@pytest.mark.parametrize("how", ["close", "end"])
def test_a_window_closed_midway_leaves_what_is_done(
    hand: Hand, tree: Path, crew: Crew, open_window, qtbot, how: str
) -> None:
    crew.hold(2)
    target = hand.places(tree)
    hand.click("folderStart")
    hand.wait(lambda standing: standing.progress is not None and standing.progress.done == 2)
    getattr(hand.window, how)()
    assert crew.made[0].is_closed
    assert len(contents(target)) == 2
    crew.let()
    again = Hand(open_window(), qtbot)
    again.places(tree)
    again.run()
    assert again.line == "Done: 5 pictures, 2 done before"
    assert set(contents(target)) == SOURCES


def test_processes_of_their_own_end_with_the_window(open_window, qtbot, tmp_path: Path) -> None:
    count = 400  # more than two processes do before the window is closed
    picture(tmp_path / "in" / "0.png", 0, (300, 400))
    for number in range(1, count):
        shutil.copy(tmp_path / "in" / "0.png", tmp_path / "in" / f"{number}.png")
    hand = Hand(open_window(), qtbot)
    target = hand.places(tmp_path / "in")
    hand.click("folderStart")
    hand.wait(lambda standing: standing.progress is not None and standing.progress.done > 0)
    workers = psutil.Process().children()
    assert workers
    hand.window.close()
    assert not [each for each in workers if each.is_running()]
    found = contents(target)
    assert not [path for path in target.iterdir() if path.name.startswith(".") and path.name != NAME]
    listed = [json.loads(line) for line in (target / NAME).read_text(encoding="utf-8").splitlines()]
    done = {line["target"] for line in listed if line["type"] == "ended" and line["status"] == "done"}
    assert 0 < len(done) <= len(found) < count
    assert done <= set(found)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("folderSource", "none"), "no folder and no file"),
        (("folderPattern", "*.xyz"), "matches *.xyz"),
        (("folderTarget", "in/inside"), "contain each other"),
    ],
)
def test_what_cannot_be_filtered_is_said_in_place(
    hand: Hand, tree: Path, change: tuple[str, str], sentence: str
) -> None:
    hand.places(tree)
    name, text = change
    hand.type(name, text if name == "folderPattern" else tree.parent / text)
    assert sentence in hand.said
    assert hand.dialog.before.ground.image is None
    assert hand.run().phase == "failed"
    assert hand.said.count(sentence) == 1
    hand.places(tree)
    hand.type("folderPattern", "")
    hand.type("folderTarget", tree.parent / "out")
    assert hand.said == hand.line == ""


def test_a_format_that_cannot_hold_the_numbers_is_refused(hand: Hand, tree: Path) -> None:
    target = hand.places(tree)
    hand.choose("folderFormat", "png")
    hand.choose("folderRange", "raw")
    assert "cannot hold numbers as they are" in hand.said
    assert not hand.control("folderStart").isEnabled()
    hand.choose("folderFormat", "tif")
    assert hand.said == ""
    hand.type("folderPattern", "b.* sub/a*")
    hand.run()
    assert set(contents(target)) == {"b.tif", "sub/a.tif"}
    written = cv2.imread(str(target / "b.tif"), cv2.IMREAD_UNCHANGED)
    pixels = cv2.imread(str(tree / "b.jpg"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(written, signal.correlate2d(pixels.astype(float), SOBEL_X, "same"))
