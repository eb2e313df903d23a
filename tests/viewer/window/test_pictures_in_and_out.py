"""Pictures in and out of the real window: opening, undo, pasting, saving, and what goes wrong in place."""

import struct
import threading
import zlib

import numpy as np
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QAction, QColor, QDragEnterEvent, QDropEvent, QImage
from PyQt6.QtWidgets import QApplication, QLabel
from scipy import signal

from kernels import resources
from kernels.pictures import writing
from kernels.pictures.reading import open_sample
from viewer.images import to_picture
from viewer.pages.filter.queries import OUTPUT
from viewer.settings import Settings

SOBEL_X = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], float)


def test_undo_and_redo_bring_everything_back(window, control, choose):
    first = window.output().copy()
    choose("presetCombo", "sobel-y")
    choose("paddingCombo", "full")
    window.open("coffee")
    window.wait_until_idle()
    undo = control("undoButton")
    for _ in range(3):
        undo.click()
        window.wait_until_idle()
    np.testing.assert_array_equal(window.output(), first)
    assert not undo.isEnabled()
    for _ in range(3):
        control("redoButton").click()
        window.wait_until_idle()
    assert window.output().shape == (402, 602, 3)
    assert control("presetCombo").currentData() == "sobel-y"


def test_a_picture_that_left_the_shelf_is_read_again_on_undo(window, tmp_path, control):
    first = window.output().copy()
    shelf = window.shelf
    shelf._limit = 0
    for name in ("coffee", "brick"):
        window.open(name)
        window.wait_until_idle()
    assert shelf.held_bytes == 0
    for _ in range(2):
        control("undoButton").click()
        window.wait_until_idle()
    np.testing.assert_array_equal(window.output(), first)


def test_a_pasted_picture_beyond_the_limit_survives_in_a_copy(window, control):
    window.shelf._limit = 0
    image = QImage(6, 4, QImage.Format.Format_RGB32)
    image.fill(QColor(10, 20, 30))
    window.sources.open_image(image)
    window.wait_until_idle()
    pasted = window.output().copy()
    window.open("brick")
    window.wait_until_idle()
    control("undoButton").click()
    window.wait_until_idle()
    np.testing.assert_array_equal(window.output(), pasted)


def header(width, height):
    """The start of a PNG of that size."""
    content = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + content + struct.pack(">I", zlib.crc32(content))


BAD = {
    "text": lambda path: path.write_text("no picture at all"),
    "empty": lambda path: path.write_bytes(b""),
    "truncated": lambda path: path.write_bytes(resources.asset("images", "camera.png").read_bytes()[:5000]),
    "zero-sized": lambda path: path.write_bytes(header(0, 0)),
    "bomb": lambda path: path.write_bytes(header(60000, 60000)),
    "folder": lambda path: path.mkdir(),
    "vanished": lambda path: None,
}


def test_a_bad_file_says_so_and_leaves_everything(window, tmp_path):
    before, state, message = window.output(), window.store.state, window.status.message
    for name, make in BAD.items():
        path = tmp_path / f"{name}.png"
        make(path)
        window.open(str(path))
        window.wait_until_idle()
        assert message.isVisible(), name
        assert path.name in message.text()
        assert "\n" not in message.text()
        assert window.output() is before
        assert window.store.state == state
        assert not window.store.undo_stack.canUndo()


def test_a_kernel_larger_than_the_picture_is_explained_in_place(window, control, choose):
    window.open("lecture-5x5")
    window.wait_until_idle()
    before = window.output()
    control("dilationY").setValue(4)
    choose("paddingCombo", "valid")
    assert window.output().shape == (5, 5)
    assert window.output() is not None
    texts = [label.text() for label in window.findChildren(QLabel) if label.isVisible()]
    assert any("fit" in text for text in texts)
    choose("paddingCombo", "same")
    assert window.output() is not before


def test_paste_takes_a_path_a_kernel_and_a_file(window, tmp_path, camera):
    clipboard = QApplication.clipboard()
    clipboard.setText("[[0, 0, 0], [0, 2, 0], [0, 0, 0]]")
    window.intents.action("paste").trigger()
    window.wait_until_idle()
    np.testing.assert_array_equal(window.output(), 2 * camera)
    image = QImage(5, 3, QImage.Format.Format_Grayscale8)
    image.fill(9)
    path = str(tmp_path / "größe.png")
    assert image.save(path)
    clipboard.setText(path)
    window.intents.action("paste").trigger()
    window.wait_until_idle()
    np.testing.assert_array_equal(window.output(), np.full((3, 5), 18))
    data = QMimeData()
    data.setText("neither of these")
    data.setData("text/uri-list", b"")
    window.sources.paste(data)
    assert "neither" in window.status.message.text()


def drop(target, data):
    """Drag `data` onto a widget and let it go there."""
    at, copy = QPointF(50, 80), Qt.DropAction.CopyAction
    button, no_key = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(at.toPoint(), copy, data, button, no_key)
    enter.setAccepted(False)
    QApplication.sendEvent(target, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(target, QDropEvent(at, copy, data, button, no_key))


def test_dropped_files_and_pictures_open(window, tmp_path, control):
    image = QImage(5, 3, QImage.Format.Format_Grayscale8)
    image.fill(9)
    path = str(tmp_path / "a.png")
    image.save(path)
    for target in (control("inputPane"), control("outputPane"), window):
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(path)])
        drop(target, data)
        window.wait_until_idle()
        assert window.output().shape == (3, 5), target
        data = QMimeData()
        data.setImageData(image.scaled(7, 4))
        drop(target, data)
        window.wait_until_idle()
        assert window.output().shape[:2] == (4, 7), target


def test_a_copied_picture_is_pasted(window, choose):
    choose("presetCombo", "identity")
    image = QImage(5, 3, QImage.Format.Format_Grayscale8)
    image.fill(9)
    image.setPixelColor(4, 1, QColor(200, 200, 200))
    QApplication.clipboard().setImage(image)
    window.intents.action("paste").trigger()
    window.wait_until_idle()
    expected = np.full((3, 5), 9)
    expected[1, 4] = 200
    output = window.output()
    np.testing.assert_array_equal(output if output.ndim == 2 else output[:, :, 0], expected)


def test_samples_and_recent_files_open_from_their_menus(window, tmp_path, choose):
    choose("presetCombo", "identity")
    path = tmp_path / "recent.png"
    image = QImage(5, 3, QImage.Format.Format_Grayscale8)
    image.fill(9)
    image.save(str(path))
    window.open(str(path))
    window.wait_until_idle()
    next(each for each in window.findChildren(QAction) if each.objectName() == "sample_lecture-5x5").trigger()
    window.wait_until_idle()
    np.testing.assert_array_equal(window.output(), open_sample("lecture-5x5").pixels)
    menu = window.tool_bar.open.menu()
    next(each for each in menu.actions() if each.text() == "recent.png").trigger()
    window.wait_until_idle()
    np.testing.assert_array_equal(window.output(), np.full((3, 5), 9))
    assert Settings().folder() == str(tmp_path)


def test_the_output_becomes_the_next_input(window):
    first = window.output().astype(float)
    window.intents.action("outputToInput").trigger()
    window.wait_until_idle()
    np.testing.assert_allclose(window.output(), signal.correlate2d(first, SOBEL_X, mode="same"), rtol=1e-6)


def test_saving_writes_a_file_that_opens_again(window, tmp_path, choose):
    for action, name in (("saveShown", "a.png"), ("saveShown", "a.jpg"), ("saveRaw", "b.tif"), ("saveRaw", "b.npy"),
                         ("saveDeep", "c.png"), ("saveDeep", "c.tif")):  # fmt: skip
        path = tmp_path / name
        window.dialogs.ask_save = lambda _title, _proposal, _choices, path=path: str(path)
        # What fits into 16 bits comes back as it was.
        choose("presetCombo", "identity" if action == "saveDeep" else "sobel-x")
        raw = window.output().copy()
        window.intents.action(action).trigger()
        window.wait_until_idle()
        assert path.exists(), window.status.message.text()
        if action != "saveShown":
            choose("presetCombo", "identity")
            window.open(str(path))
            window.wait_until_idle()
            np.testing.assert_array_equal(window.output(), raw, err_msg=name)
            window.open("camera")
            window.wait_until_idle()


def test_a_failed_save_says_why_and_leaves_everything(window, tmp_path, monkeypatch):
    before, state, message = window.output(), window.store.state, window.status.message

    def no_room(path, _array):
        raise OSError(f"{path.name} cannot be written: no space left on device.")

    for name, write, named in (
        ("missing/a.png", writing.write_shown, "missing"),
        ("a.txt", writing.write_shown, "a.txt"),
        ("a.png", no_room, "a.png"),
    ):
        path = tmp_path / name
        monkeypatch.setattr(writing, "write_shown", write)
        window.dialogs.ask_save = lambda _title, _proposal, _choices, path=path: str(path)
        window.intents.action("saveShown").trigger()
        window.wait_until_idle()
        assert message.isVisible()
        assert named in message.text()
        assert not path.exists()
        assert window.output() is before
        assert window.store.state == state


def test_the_input_is_never_overwritten(window, tmp_path):
    image = QImage(5, 3, QImage.Format.Format_Grayscale8)
    image.fill(9)
    path = tmp_path / "a.png"
    image.save(str(path))
    content = path.read_bytes()
    window.open(str(path))
    window.wait_until_idle()
    window.dialogs.ask_save = lambda title, proposal, choices: str(path)
    window.intents.action("saveShown").trigger()
    window.wait_until_idle()
    assert path.read_bytes() == content
    assert "a.png is the input itself" in window.status.message.text()


def test_copy_puts_what_is_shown_on_the_clipboard(window, control):
    control("copyButton").click()
    window.wait_until_idle()
    image = QApplication.clipboard().image()
    assert (image.width(), image.height()) == (512, 512)
    painted = window.river.moment.value(OUTPUT).painted.image
    colour = image.pixelColor(40, 30)
    np.testing.assert_array_equal([colour.red(), colour.green(), colour.blue()], painted[30, 40])


def test_a_pasted_picture_is_converted_outside_the_gui_thread(window, monkeypatch):
    threads = []

    def convert(image, name):
        threads.append(threading.current_thread())
        return to_picture(image, name)

    monkeypatch.setattr("viewer.sources.to_picture", convert)
    image = QImage(6, 4, QImage.Format.Format_RGB32)
    image.fill(QColor(10, 20, 30))
    window.sources.open_image(image)
    window.wait_until_idle()
    assert window.output().shape == (4, 6, 3)
    assert threads
    assert threading.main_thread() not in threads
    assert window.store.undo_stack.undoText() == "Paste a picture"
