"""Fields leave to the window what is the window's, and say what they cannot take."""

import pytest
from PyQt6.QtCore import QMimeData, Qt, QUrl
from PyQt6.QtGui import QAction, QImage, QKeyEvent, QKeySequence
from PyQt6.QtWidgets import QApplication, QVBoxLayout, QWidget

from viewer.pages.filter.views.kernel.presets import PresetCombo
from viewer.widgets import ComboBox, Label, NumberEdit, SteppingSpinBox, ToolButton, format_position


class Form(QWidget):
    """A number field and a spin box in a window with undo and paste of its own."""

    def __init__(self):
        super().__init__()
        self.number = NumberEdit("number", "Number", "A number")
        self.count = SteppingSpinBox("count", "Rows", "How many", minimum=1, maximum=31)
        column = QVBoxLayout(self)
        for field in (self.number, self.count):
            column.addWidget(field)
        self.done = []
        for name, keys in (("undo", QKeySequence.StandardKey.Undo), ("paste", QKeySequence.StandardKey.Paste)):
            action = QAction(name, self)
            action.setShortcut(QKeySequence(keys))
            action.triggered.connect(lambda _checked=False, name=name: self.done.append(name))
            self.addAction(action)


@pytest.fixture
def form(qtbot):
    made = Form()
    qtbot.addWidget(made)
    made.number.set_value(3)
    made.show()
    with qtbot.waitActive(made):
        made.activateWindow()
    yield made
    QApplication.clipboard().clear()


def press(qtbot, field, key):
    qtbot.keyClick(field, key, Qt.KeyboardModifier.ControlModifier)


@pytest.mark.parametrize("name", ["number", "count"])
def test_undo_is_the_fields_while_something_is_typed_and_the_windows_once_it_is_committed(form, qtbot, name):
    field = getattr(form, name)
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "7")
    press(qtbot, field, Qt.Key.Key_Z)
    assert form.done == []
    field.selectAll()
    qtbot.keyClicks(field, "8")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.value() == 8
    press(qtbot, field, Qt.Key.Key_Z)
    assert form.done == ["undo"]
    assert field.value() == 8


def picture() -> QMimeData:
    made = QMimeData()
    made.setImageData(QImage(2, 2, QImage.Format.Format_RGB32))
    return made


def path() -> QMimeData:
    made = QMimeData()
    made.setUrls([QUrl.fromLocalFile("/a/picture.png")])
    return made


def text(words: str) -> QMimeData:
    made = QMimeData()
    made.setText(words)
    return made


@pytest.mark.parametrize("name", ["number", "count"])
@pytest.mark.parametrize("mime", [picture(), path(), text("1 0\n0 1"), text("/a/picture.png"), text("")])
def test_paste_of_what_no_field_can_take_is_the_windows(form, qtbot, name, mime):
    copy = QMimeData()
    for kind in mime.formats():
        copy.setData(kind, mime.data(kind))
    if mime.hasImage():
        copy.setImageData(mime.imageData())
    QApplication.clipboard().setMimeData(copy)
    field = getattr(form, name)
    field.setFocus()
    press(qtbot, field, Qt.Key.Key_V)
    assert form.done == ["paste"]


def test_paste_of_a_number_is_the_fields(form, qtbot):
    QApplication.clipboard().setText("1/9")
    form.number.setFocus()
    form.number.selectAll()
    press(qtbot, form.number, Qt.Key.Key_V)
    assert form.done == []
    assert form.number.text() == "1/9"


def test_a_number_out_of_range_is_refused_with_what_is_possible(form, qtbot):
    form.count.setValue(5)
    form.count.setFocus()
    form.count.selectAll()
    qtbot.keyClicks(form.count, "99")
    with qtbot.waitSignal(form.count.rejected) as said:
        qtbot.keyClick(form.count, Qt.Key.Key_Return)
    assert said.args == ["Rows: 1 to 31 is possible, not 99."]
    assert form.count.value() == 5
    assert form.count.text() == "5"


@pytest.mark.parametrize("key", [Qt.Key.Key_F, Qt.Key.Key_C])
@pytest.mark.parametrize("name", ["number", "count"])
def test_keys_that_belong_into_no_number_go_on_to_the_window(form, qtbot, name, key):
    seen = []
    form.keyPressEvent = lambda event: seen.append(event.key())
    field = getattr(form, name)
    field.setFocus()
    before = field.text()
    qtbot.keyClick(field, key)
    assert seen == [key]
    assert field.text() == before


@pytest.mark.parametrize("make", [Label, lambda: ToolButton("a", "b", ""), lambda: NumberEdit("a", "b", "")])
def test_tool_tips_are_never_read_as_mark_up(qtbot, make):
    widget = make()
    qtbot.addWidget(widget)
    widget.setToolTip("<img src=x>.png\nof 3 < 4")
    assert "&lt;img" in widget.toolTip()
    widget.setToolTip("3 < 4")
    assert widget.toolTip() == "3 < 4"


def test_positions_are_written_with_a_minus_sign():
    assert format_position(-3, 14) == "y −3, x 14"


@pytest.mark.parametrize("key", [Qt.Key.Key_F, Qt.Key.Key_C])
@pytest.mark.parametrize("made", [lambda: ComboBox("combo", "", ""), PresetCombo])
def test_a_list_that_has_the_focus_leaves_the_keys_of_the_pictures(qtbot, key, made):
    combo = made()
    qtbot.addWidget(combo)
    combo.addItem("Other")
    combo.addItem("File range")
    combo.addItem("Constant")
    event = QKeyEvent(QKeyEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, chr(key).lower())
    QApplication.sendEvent(combo, event)
    assert not event.isAccepted()
    assert combo.currentIndex() <= 0
