"""The real window: every control by its name, what is computed against SciPy, what goes wrong in place."""

import numpy as np
import pytest
from PyQt6.QtCore import QMimeData, QPoint, Qt, QUrl
from PyQt6.QtGui import QColor, QImage
from PyQt6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QListWidget, QTableView, QWidget
from scipy import ndimage, signal

from kernels import library, reference
from kernels.picture import open_sample
from viewer.actions import action_specs
from viewer.app import build

SOBEL_X = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], float)


@pytest.fixture
def window(qtbot, own_settings):
    made = build()
    qtbot.addWidget(made)
    made.show()
    made.wait_until_idle()
    yield made
    made.close()


def control(window, name):
    found = window.findChild(QWidget, name)
    assert found is not None, f"no control is called {name}"
    return found


def choose(window, name, data):
    box = control(window, name)
    index = box.findData(data)
    assert index >= 0, f"{name} has no {data!r}"
    box.setCurrentIndex(index)
    window.wait_until_idle()
    assert control(window, name).currentData() == data


def commit(window, name, text):
    edit = control(window, name)
    edit.setFocus()
    edit.setText(text)
    edit.editingFinished.emit()
    window.wait_until_idle()


def camera():
    return open_sample("camera").pixels.astype(float)


def test_the_window_opens_on_a_sample_with_its_output(window):
    output = window.output()
    np.testing.assert_array_equal(output, signal.correlate2d(camera(), SOBEL_X, mode="same"))
    assert output.dtype == np.float32
    assert not output.flags.writeable


def test_preset_weight_padding_and_stride_as_a_new_user_does_it(window):
    choose(window, "presetCombo", "laplacian-4")
    table = control(window, "kernelTable")
    assert isinstance(table, QTableView)
    model = table.model()
    assert model.setData(model.index(0, 0), "1/2")
    window.wait_until_idle()
    choose(window, "paddingCombo", "valid")
    for name in ("strideY", "strideX"):
        control(window, name).setValue(2)
    window.wait_until_idle()
    weights = library.get("laplacian-4").weights.copy()
    weights[0, 0] = 0.5
    expected = signal.correlate2d(camera(), weights, mode="valid")[::2, ::2]
    np.testing.assert_allclose(window.output(), expected, atol=1e-2)
    assert window.output().shape == (255, 255)
    assert "255" in control(window, "outputSizeLabel").text()


@pytest.mark.parametrize("operation", ["correlation", "convolution"])
@pytest.mark.parametrize("padding", ["valid", "same", "full"])
def test_operation_and_padding_agree_with_scipy(window, operation, padding):
    window.open("lecture-grid")
    choose(window, "operationCombo", operation)
    choose(window, "paddingCombo", padding)
    filtered = getattr(signal, "correlate2d" if operation == "correlation" else "convolve2d")
    picture = open_sample("lecture-grid").pixels.astype(float)
    np.testing.assert_array_equal(window.output(), filtered(picture, SOBEL_X, mode=padding))


@pytest.mark.parametrize(
    ("border", "mode"),
    [("replicate", "nearest"), ("reflect", "reflect"), ("reflect101", "mirror"), ("wrap", "wrap")],
)
def test_borders_agree_with_scipy(window, border, mode):
    choose(window, "borderCombo", border)
    expected = ndimage.correlate(camera(), SOBEL_X, mode=mode)
    np.testing.assert_array_equal(window.output(), expected)


def test_border_value_dilation_and_padding_in_pixels(window):
    window.open("lecture-5x5")
    commit(window, "borderValue", "7")
    choose(window, "paddingCombo", "pixels")
    control(window, "paddingY").setValue(3)
    control(window, "paddingX").setValue(2)
    control(window, "dilationY").setValue(2)
    control(window, "dilationX").setValue(2)
    window.wait_until_idle()
    picture = open_sample("lecture-5x5").pixels
    expected = reference.correlate(
        picture, library.get("sobel-x"), padding=(3, 2), dilation=2, border="constant", border_value=7.0
    )
    np.testing.assert_array_equal(window.output(), expected)


def test_divisor_offset_and_normalise(window):
    choose(window, "presetCombo", "laplacian-4")
    commit(window, "divisorEdit", "1/2")
    commit(window, "offsetEdit", "−5")
    expected = signal.correlate2d(camera(), library.get("laplacian-4").weights, mode="same") * 2 - 5
    np.testing.assert_allclose(window.output(), expected, atol=1e-2)
    before = window.output()
    control(window, "normaliseButton").click()
    window.wait_until_idle()
    np.testing.assert_array_equal(window.output(), before)  # the sum is 0: nothing to divide by


def test_rows_and_columns_apart_and_even(window):
    control(window, "kernelRows").setValue(2)
    window.wait_until_idle()
    control(window, "kernelColumns").setValue(4)
    window.wait_until_idle()
    kernel = window.controller.store.document.kernel
    assert kernel.shape == (2, 4)
    expected = signal.correlate2d(camera(), kernel.weights, mode="same")
    np.testing.assert_array_equal(window.output(), expected)


def test_channels_of_a_colour_picture(window):
    window.open("chelsea")
    window.wait_until_idle()
    picture = open_sample("chelsea").pixels.astype(float)
    assert window.output().shape == picture.shape
    choose(window, "channelCombo", "g")
    np.testing.assert_array_equal(window.output(), signal.correlate2d(picture[:, :, 1], SOBEL_X, mode="same"))
    choose(window, "channelCombo", "luma")
    luma = picture @ np.array([0.299, 0.587, 0.114])
    np.testing.assert_allclose(window.output(), signal.correlate2d(luma, SOBEL_X, mode="same"), atol=2e-2)


def test_ranges_change_what_is_painted_and_never_the_output(window):
    before = window.output().copy()
    for mode in ("clip", "abs", "minmax", "signed"):
        choose(window, "rangeCombo", mode)
        assert window.controller.filter.painted.mode == mode
        np.testing.assert_array_equal(window.output(), before)


def test_signed_is_the_default_for_sobel_and_clip_for_a_blur(window):
    assert control(window, "rangeCombo").currentData() == "signed"
    choose(window, "presetCombo", "gaussian")
    assert control(window, "rangeCombo").currentData() == "clip"


def test_undo_and_redo_bring_everything_back(window):
    first = window.output().copy()
    choose(window, "presetCombo", "sobel-y")
    choose(window, "paddingCombo", "full")
    window.open("coffee")
    window.wait_until_idle()
    undo = control(window, "undoButton")
    for _ in range(3):
        undo.click()
        window.wait_until_idle()
    np.testing.assert_array_equal(window.output(), first)
    assert not undo.isEnabled()
    for _ in range(3):
        control(window, "redoButton").click()
        window.wait_until_idle()
    assert window.output().shape == (402, 602, 3)
    assert control(window, "presetCombo").currentData() == "sobel-y"


def test_a_picture_that_left_the_shelf_is_read_again_on_undo(window, tmp_path):
    first = window.output().copy()
    shelf = window.controller.files.shelf
    shelf._limit = 0
    for name in ("coffee", "brick"):
        window.open(name)
        window.wait_until_idle()
    assert shelf.held_bytes == 0
    for _ in range(2):
        control(window, "undoButton").click()
        window.wait_until_idle()
    np.testing.assert_array_equal(window.output(), first)


def test_a_pasted_picture_beyond_the_limit_survives_in_a_copy(window):
    window.controller.files.shelf._limit = 0
    image = QImage(6, 4, QImage.Format.Format_RGB32)
    image.fill(QColor(10, 20, 30))
    window.controller.files.open_image(image)
    window.wait_until_idle()
    pasted = window.output().copy()
    window.open("brick")
    window.wait_until_idle()
    control(window, "undoButton").click()
    window.wait_until_idle()
    np.testing.assert_array_equal(window.output(), pasted)


def test_a_bad_file_says_so_and_leaves_everything(window, tmp_path):
    before, document = window.output(), window.controller.store.document
    path = tmp_path / "text.png"
    path.write_text("no picture at all")
    window.open(str(path))
    window.wait_until_idle()
    message = window.status.message
    assert message.isVisible()
    assert "text.png" in message.text()
    assert window.output() is before
    assert window.controller.store.document == document


def test_a_kernel_larger_than_the_picture_is_explained_in_place(window):
    window.open("lecture-5x5")
    window.wait_until_idle()
    before = window.output()
    control(window, "dilationY").setValue(4)
    choose(window, "paddingCombo", "valid")
    assert window.output().shape == (5, 5)
    assert window.output() is not None
    texts = [label.text() for label in window.findChildren(QLabel) if label.isVisible()]
    assert any("fit" in text for text in texts)
    choose(window, "paddingCombo", "same")
    assert window.output() is not before


def test_paste_takes_a_path_a_kernel_and_a_file(window, tmp_path):
    clipboard = QApplication.clipboard()
    clipboard.setText("[[0, 0, 0], [0, 2, 0], [0, 0, 0]]")
    window.action("paste").trigger()
    window.wait_until_idle()
    np.testing.assert_array_equal(window.output(), 2 * camera())
    image = QImage(5, 3, QImage.Format.Format_Grayscale8)
    image.fill(9)
    path = str(tmp_path / "größe.png")
    assert image.save(path)
    clipboard.setText(path)
    window.action("paste").trigger()
    window.wait_until_idle()
    np.testing.assert_array_equal(window.output(), np.full((3, 5), 18))
    data = QMimeData()
    data.setText("neither of these")
    window.controller.files.paste(data)
    assert "neither" in window.status.message.text()


def test_dropped_files_open(window, tmp_path):
    image = QImage(5, 3, QImage.Format.Format_Grayscale8)
    image.fill(9)
    path = str(tmp_path / "a.png")
    image.save(path)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(path)])
    window.controller.files.paste(data)
    window.wait_until_idle()
    assert window.output().shape == (3, 5)


def test_the_output_becomes_the_next_input(window):
    first = window.output().astype(float)
    window.action("outputToInput").trigger()
    window.wait_until_idle()
    np.testing.assert_allclose(window.output(), signal.correlate2d(first, SOBEL_X, mode="same"), rtol=1e-6)


@pytest.mark.parametrize(
    ("action", "name"), [("saveShown", "a.png"), ("saveShown", "a.jpg"), ("saveRaw", "a.tif"), ("saveRaw", "a.npy")]
)
def test_saving_writes_a_file_that_opens_again(window, tmp_path, action, name):
    path = tmp_path / name
    window.controller.menus.ask_save = lambda title, proposal, choices: str(path)
    raw = window.output().copy()
    window.action(action).trigger()
    window.wait_until_idle()
    assert path.exists(), window.status.message.text()
    if action == "saveRaw":
        choose(window, "presetCombo", "identity")
        window.open(str(path))
        window.wait_until_idle()
        np.testing.assert_array_equal(window.output(), raw)


def test_the_input_is_never_overwritten(window, tmp_path):
    image = QImage(5, 3, QImage.Format.Format_Grayscale8)
    image.fill(9)
    path = tmp_path / "a.png"
    image.save(str(path))
    content = path.read_bytes()
    window.open(str(path))
    window.wait_until_idle()
    window.controller.menus.ask_save = lambda title, proposal, choices: str(path)
    window.action("saveShown").trigger()
    window.wait_until_idle()
    assert path.read_bytes() == content
    assert "a.png is the input itself" in window.status.message.text()


def test_copy_puts_what_is_shown_on_the_clipboard(window):
    control(window, "copyButton").click()
    image = QApplication.clipboard().image()
    assert (image.width(), image.height()) == (512, 512)
    painted = window.controller.filter.painted.images[0]
    colour = image.pixelColor(40, 30)
    np.testing.assert_array_equal([colour.red(), colour.green(), colour.blue()], painted[30, 40])


def test_theme_projector_and_recent_files_are_remembered(qtbot, own_settings, tmp_path):
    image = QImage(5, 3, QImage.Format.Format_Grayscale8)
    path = str(tmp_path / "a.png")
    image.save(path)
    first = build()
    qtbot.addWidget(first)
    first.open(path)
    first.wait_until_idle()
    control(first, "themeButton").click()
    chosen = first.controller.store.session.theme
    control(first, "projectorButton").click()
    first.close()
    second = build()
    qtbot.addWidget(second)
    second.wait_until_idle()
    assert second.controller.store.session.theme == chosen
    assert second.controller.store.session.projector
    menu = second.tool_bar.open.menu()
    assert "a.png" in [action.text() for action in menu.actions()]
    control(second, "projectorButton").click()
    second.close()


def test_projector_mode_enlarges_type_and_folds_the_panels(window):
    label = control(window, "outputSizeLabel")
    size = label.fontInfo().pixelSize()
    window.action("projector").trigger()
    window.wait_until_idle()
    assert label.fontInfo().pixelSize() >= 1.5 * size - 1
    assert not control(window, "kernelTable").isVisible()
    window.action("foldPanels").trigger()
    assert control(window, "kernelTable").isVisible()


def test_every_action_has_a_shortcut_of_its_own_and_its_button_shows_it(window):
    taken = [shortcut for spec in action_specs() for shortcut in spec.shortcuts]
    assert len(taken) == len(set(taken))
    for spec in action_specs():
        assert spec.shortcuts
        if spec.button:
            button = window.findChild(QAbstractButton, spec.button)
            assert button is not None, spec.button
            assert spec.shortcuts[0].split("+")[-1].lower() in button.toolTip().lower(), button.toolTip()


def test_the_list_of_actions_is_searched_and_run_by_keyboard(window, qtbot):
    window.action("searchActions").trigger()
    search = control(window, "actionSearchEdit")
    assert isinstance(search, QLineEdit)
    qtbot.keyClicks(search, "negate")
    entries = control(window, "actionSearchList")
    assert isinstance(entries, QListWidget)
    assert entries.count() == 1
    qtbot.keyClick(search, Qt.Key.Key_Return)
    window.wait_until_idle()
    np.testing.assert_array_equal(window.output(), signal.correlate2d(camera(), -SOBEL_X, mode="same"))


def test_every_control_has_a_name_an_accessible_name_and_a_tool_tip(window):
    kinds = ("QAbstractButton", "QComboBox", "QAbstractSpinBox", "QLineEdit", "QAbstractSlider", "QTableView")
    nameless = []
    for widget in window.findChildren(QWidget):
        inner = widget.objectName().startswith("qt_") or widget.inherits("QScrollBar")
        if inner or not any(widget.inherits(kind) for kind in kinds):
            continue
        if not (widget.objectName() and widget.accessibleName() and widget.toolTip()):
            nameless.append((type(widget).__name__, widget.objectName(), widget.accessibleName(), widget.toolTip()))
    assert nameless == []


def test_the_wheel_changes_no_field_that_has_no_focus(window, qtbot):
    control(window, "inputPane").setFocus()
    document = window.controller.store.document
    for name in ("strideY", "presetCombo", "borderCombo", "divisorEdit", "kernelTable", "rangeCombo"):
        widget = control(window, name)
        _turn_wheel(widget)
    window.wait_until_idle()
    assert window.controller.store.document == document


def _turn_wheel(widget):
    from PyQt6.QtCore import QPointF
    from PyQt6.QtGui import QWheelEvent

    target = widget.viewport() if isinstance(widget, QTableView) else widget
    centre = QPointF(target.rect().center())
    event = QWheelEvent(
        centre,
        QPointF(target.mapToGlobal(target.rect().center())),
        QPoint(0, 0),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(target, event)
