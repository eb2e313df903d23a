"""The frame of the real window: theme, type, full screen, actions, shortcuts, the wheel."""

import itertools

import numpy as np
import pytest
from msgspec.structs import replace
from PyQt6.QtCore import QEvent, QPoint, Qt
from PyQt6.QtGui import QFont, QFontMetrics, QImage, QKeySequence
from PyQt6.QtWidgets import (
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QListWidget,
    QStyle,
    QStyleOptionButton,
    QTableView,
    QToolButton,
    QWidget,
)
from scipy import signal

from viewer import theme
from viewer.app import build
from viewer.dialogs import suffix_of
from viewer.widgets import SegmentedControl
from viewer.widgets.choices import Segment
from viewer.window.main_window import MainWindow

SOBEL_X = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], float)


def test_theme_type_and_recent_files_are_remembered(qtbot, own_settings, tmp_path):
    image = QImage(5, 3, QImage.Format.Format_Grayscale8)
    path = str(tmp_path / "a.png")
    image.save(path)
    first = build()
    qtbot.addWidget(first)
    first.open(path)
    first.wait_until_idle()
    first.tool_bar.theme.click()
    chosen = first.store.session.theme
    first.intents.action("largeType").trigger()
    first.close()
    second = build()
    qtbot.addWidget(second)
    second.wait_until_idle()
    assert second.store.session.theme == chosen
    assert second.store.session.large_type
    menu = second.tool_bar.open.menu()
    assert "a.png" in [action.text() for action in menu.actions()]
    second.intents.action("largeType").trigger()
    second.close()


@pytest.mark.parametrize("width", [1366, 1280])
def test_words_of_the_tool_bar_are_whole_in_larger_type(window, control, width):
    window.resize(width, 768)
    window.intents.call("largeType")
    window.wait_until_idle()
    assert window.width() == width
    for name in ("openButton", "samplesButton", "saveButton", "stageButton"):
        button = control(name)
        assert button.isVisible()
        assert button.width() >= button.sizeHint().width(), name
    assert not control("pasteButton").isVisible()
    window.intents.call("largeType")
    window.wait_until_idle()
    assert control("pasteButton").isVisible()


def test_larger_type_folds_nothing_and_folding_enlarges_nothing(window, control):
    label, button = control("outputSizeLabel"), control("largeTypeButton")
    size = label.fontInfo().pixelSize()
    button.click()
    assert label.fontInfo().pixelSize() >= 1.5 * size - 1
    assert control("kernelTable").isVisible()
    assert button.isChecked()
    window.intents.action("foldPanels").trigger()
    assert not control("kernelTable").isVisible()
    window.intents.action("largeType").trigger()
    assert label.fontInfo().pixelSize() == size
    assert not control("kernelTable").isVisible()
    control("foldButton").click()
    assert control("kernelTable").isVisible()


def test_escape_leaves_full_screen_and_nothing_else(window, qtbot, control):
    control("outputPane").setFocus()
    window.intents.action("foldPanels").trigger()
    window.intents.action("fullScreen").trigger()
    qtbot.waitUntil(window.isFullScreen)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.isFullScreen())
    assert not control("kernelTable").isVisible()


def test_every_action_has_a_shortcut_of_its_own_and_its_button_shows_it(all_pages):
    window = all_pages
    listed = window.intents.listed()
    assert len(listed) > 40
    taken = [keys.toString() for _group, action, _words in listed for keys in action.shortcuts()]
    assert len(taken) == len(set(taken))
    with_button = {each.defaultAction(): each for each in window.findChildren(QToolButton) if each.defaultAction()}
    assert len(with_button) > 12
    for group, action, _words in listed:
        # What only brings the focus to a control is found by its name.
        assert action.shortcuts() or action.objectName().startswith("focus"), action.objectName()
        assert group
        button = with_button.get(action)
        if button is not None:
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            assert keys in button.toolTip(), button.toolTip()
            assert button.isEnabled() == action.isEnabled()
    assert "Ctrl+S" in window.tool_bar.save.toolTip()


def test_menus_hold_the_actions_themselves(window):
    for menu, names in (
        (window.tool_bar.save.menu(), ("saveShown", "saveRaw", "saveDeep", "outputToInput")),
        (window.tool_bar.open.menu(), ("openPicture",)),
        (window.filter.view.panes.menu, ("outputToInput", "saveShown")),
        (window.filter.view.kernel.heading.menu, ("openKernel", "keepKernel", "removeKernel")),
    ):
        held = menu.actions()
        assert all(window.intents.action(name) in held for name in names), names


def test_what_is_not_possible_is_disabled_and_does_nothing(window, choose, control):
    undo, redo, back = (window.intents.action(name) for name in ("undo", "redo", "resetKernel"))
    assert [each.isEnabled() for each in (undo, redo, back)] == [False] * 3
    state = window.store.state
    for name in ("undo", "redo", "resetKernel", "removeKernel"):
        window.intents.call(name)
    assert window.store.state == state
    model = control("kernelTable").model()
    model.setData(model.index(0, 0), "7")
    window.wait_until_idle()
    assert [each.isEnabled() for each in (undo, redo, back)] == [True, False, True]
    control("resetKernelButton").click()
    window.wait_until_idle()
    assert window.store.document.kernel.weights[0, 0] == -1
    undo.trigger()
    assert redo.isEnabled()


def test_the_next_input_is_made_on_the_filter_page_only(window, grid, choose):
    assert window.intents.action("outputToInput").isEnabled()
    choose("workspaceTabs", "gradient")
    assert not window.intents.action("outputToInput").isEnabled()


def test_ctrl_o_asks_for_a_file_and_opens_it(window, qtbot, tmp_path):
    image = QImage(5, 3, QImage.Format.Format_Grayscale8)
    image.save(str(tmp_path / "a.png"))
    asked = []
    window.dialogs.ask_open = lambda *words: asked.append(words) or str(tmp_path / "a.png")
    qtbot.keyClick(window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    window.wait_until_idle()
    assert len(asked) == 1
    assert window.output().shape == (3, 5)
    window.dialogs.ask_open = lambda *_words: ""
    window.intents.action("openPicture").trigger()
    window.wait_until_idle()
    assert window.output().shape == (3, 5)
    assert not window.status.message.isVisible()


def test_workspaces_and_their_actions_come_to_the_front_by_keys(window, grid, qtbot, control):
    tabs = control("workspaceTabs")
    qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert tabs.currentData() == "gradient"
    assert control("gradientCompare").isVisible()
    qtbot.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    assert tabs.currentData() == "filter"
    assert control("kernelTable").isVisible()
    colours = window.store.session.gradient.direction_colours
    qtbot.keyClick(window, Qt.Key.Key_D, Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier)
    assert tabs.currentData() == "gradient"
    assert window.store.session.gradient.direction_colours != colours
    window.intents.action("choosePreset").trigger()
    assert tabs.currentData() == "filter"
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    window.wait_until_idle()


def test_a_closed_list_of_actions_is_gone(window, qtbot, control):
    for _ in range(2):
        window.intents.action("searchActions").trigger()
        qtbot.keyClick(control("actionSearchEdit"), Qt.Key.Key_Escape)
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        assert window.findChild(QWidget, "actionSearch") is None


def test_the_list_of_actions_is_searched_and_run_by_keyboard(window, qtbot, control, camera):
    for words, sign in (("negate", -1), ("minus sign", 1)):
        window.intents.action("searchActions").trigger()
        search = control("actionSearchEdit")
        assert isinstance(search, QLineEdit)
        qtbot.keyClicks(search, words)
        entries = control("actionSearchList")
        assert isinstance(entries, QListWidget)
        assert entries.count() == 1
        qtbot.keyClick(search, Qt.Key.Key_Return)
        window.wait_until_idle()
        np.testing.assert_array_equal(window.output(), signal.correlate2d(camera, sign * SOBEL_X, mode="same"))
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_a_control_is_found_in_the_list_and_gets_the_focus(window, grid, qtbot, control, choose):
    choose("workspaceTabs", "gradient")
    window.intents.action("searchActions").trigger()
    search = control("actionSearchEdit")
    qtbot.keyClicks(search, "border")
    assert control("actionSearchList").count() == 1
    qtbot.keyClick(search, Qt.Key.Key_Return)
    window.wait_until_idle()
    assert window.store.session.workspace == "filter"
    assert window.focusWidget() is control("borderCombo")


def test_every_control_has_a_name_an_accessible_name_and_a_tool_tip(all_pages):
    kinds = ("QAbstractButton", "QComboBox", "QAbstractSpinBox", "QLineEdit", "QAbstractSlider", "QTableView")
    nameless = []
    for widget in all_pages.findChildren(QWidget):
        # Qt's own parts; the corner of a table has no name in older releases.
        inner = widget.objectName().startswith("qt_") or any(map(widget.inherits, ("QScrollBar", "QTableCornerButton")))
        if inner or not any(widget.inherits(kind) for kind in kinds):
            continue
        if not (widget.objectName() and widget.accessibleName() and widget.toolTip()):
            nameless.append((type(widget).__name__, widget.objectName(), widget.accessibleName(), widget.toolTip()))
    assert nameless == []


def test_every_segment_has_room_for_its_text_when_it_is_chosen(window, choose):
    def check():
        window.wait_until_idle(30.0)
        for button in window.findChildren(Segment):
            if button.isVisible():
                option = QStyleOptionButton()
                button.initStyleOption(option)
                room = button.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, button)
                bold = button.font()
                bold.setWeight(QFont.Weight.DemiBold)
                text = QFontMetrics(bold).size(Qt.TextFlag.TextShowMnemonic, button.text())
                assert room.width() >= text.width(), button.text()
                assert room.height() >= text.height() or not set("gjpqy").intersection(button.text()), button.text()

    window.open("coffee")  # whose channels are chosen in some places
    for is_large, width in itertools.product((False, True), (1280, 1366)):
        window.resize(width, 720)
        if window.store.session.large_type != is_large:
            window.intents.action("largeType").trigger()
        for name in ("filter", "gradient", "layers", "network"):
            choose("workspaceTabs", name)
            check()
        choose("lookOrTrain", "train")
        check()
        choose("lookOrTrain", "look")
        choose("workspaceTabs", "filter")
        window.intents.call("stage")
        check()


def test_the_wheel_changes_no_field_that_has_no_focus(window, grid, control, choose):
    choose("presetCombo", "gabor")  # for its sliders
    choose("paddingCombo", "pixels")
    kinds = (QComboBox, QAbstractSpinBox, QLineEdit, QAbstractSlider, QTableView, SegmentedControl)
    fields = [each for kind in kinds for each in window.findChildren(kind) if not each.inherits("QScrollBar")]
    assert len(fields) > 30
    for name in ("filter", "gradient"):
        choose("workspaceTabs", name)
        control("inputPane" if name == "filter" else "gradientPicturePane").setFocus()
        document, session = window.store.document, window.store.session
        for field in fields:
            if field.isVisible():
                _turn_wheel(field)
        window.wait_until_idle()
        assert window.store.document == document
        assert replace(window.store.session, probe=None) == replace(session, probe=None)


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


@pytest.mark.parametrize("filled", [True, False])
def test_a_window_that_filled_its_screen_fills_the_next_one(qtbot, own_settings, monkeypatch, filled):
    monkeypatch.setattr(MainWindow, "fills_screen", lambda window: filled)
    first = build()
    qtbot.addWidget(first)
    first.resize(1101, 707)
    first.wait_until_idle()
    first.close()
    asked = []
    monkeypatch.setattr(MainWindow, "fill_screen", lambda window: asked.append(window))
    second = build()
    qtbot.addWidget(second)
    second.frame.place_window()
    second.wait_until_idle()
    assert asked == ([second] if filled else [])
    assert second.isVisible() != filled
    second.close()


def test_a_window_comes_back_in_its_size(qtbot, own_settings, monkeypatch):
    monkeypatch.setattr(MainWindow, "fills_screen", lambda window: False)
    sizes = []
    for size in ((960, 650), None):  # within the screen of the tests, or it is made to fit
        window = build()
        qtbot.addWidget(window)
        window.frame.place_window()
        if size is not None:
            window.showNormal()
            window.resize(*size)
        window.wait_until_idle()
        sizes.append(window.size())
        window.close()
    assert sizes[0] == sizes[1]


def test_a_first_window_takes_the_room_of_its_screen(qtbot, own_settings):
    window = build()
    qtbot.addWidget(window)
    window.frame.place_window()
    window.wait_until_idle()
    assert window.isVisible()
    assert window.fills_screen()
    window.close()


def test_switching_back_to_the_systems_theme_follows_it_again(window, control):
    store = window.store
    dark = theme.palette().is_dark
    control("themeButton").click()
    assert theme.palette().is_dark != dark
    assert store.session.theme == ("light" if dark else "dark")
    control("themeButton").click()
    assert theme.palette().is_dark == dark
    assert store.session.theme == "system"


def test_a_typed_name_without_a_suffix_takes_that_of_the_chosen_type(window):
    offered = []
    window.dialogs.ask_save = lambda _title, _proposal, choices: offered.extend(choices.split(";;")) or ""
    for name in ("saveShown", "saveRaw", "saveDeep"):
        window.intents.action(name).trigger()
    assert [suffix_of(choice) for choice in offered] == ["png", "jpg", "tif", "npy", "png", "tif"]


CONTRACT_NAMES = (
    "presetCombo", "kernelTable", "kernelRows", "kernelColumns", "divisorEdit", "offsetEdit", "operationCombo",
    "paddingCombo", "paddingY", "paddingX", "borderCombo", "borderValue", "strideY", "strideX", "dilationY",
    "dilationX", "channelCombo", "rangeCombo", "workspaceTabs", "inputPane", "outputPane", "outputSizeLabel",
    "arithmeticStrip",
)  # fmt: skip


def test_a_name_of_the_contract_means_one_control(all_pages):
    for name in CONTRACT_NAMES:
        found = all_pages.findChildren(QWidget, name)
        assert len(found) == 1, name
        assert found[0].accessibleName(), name
        assert found[0].toolTip(), name


def test_a_gradient_pane_is_maximised_and_brought_back_by_keyboard(window, grid, control):
    window.intents.action("maximisePane").trigger()
    window.wait_until_idle()
    assert window.store.session.workspace == "gradient"
    held = window.store.session.gradient.maximised
    assert held
    window.intents.action("maximisePane").trigger()
    window.wait_until_idle()
    assert window.store.session.gradient.maximised == ""
