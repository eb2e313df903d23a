"""The left column: what is found, what is taken, what a drag carries, what has room."""

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QDrag, QFontMetricsF
from PyQt6.QtWidgets import QApplication, QLabel, QLineEdit

from viewer import theme
from viewer.pages.layers import stages
from viewer.pages.layers.cards import Entry
from viewer.pages.layers.views.lists import WIDTH, StageLists

ROWS = (
    Entry("edges", "Edge detector", "", "Smoothed, then the strength of the edges.", "4"),
    Entry("lenet5", "LeNet-5 front", "", "The first two layers, with pooling.", "6"),
    Entry("inception", "Inception module", "", "Kernels of several sizes side by side.", "1"),
)
STAGES = stages.entries()


@pytest.fixture
def lists(qtbot):
    made = StageLists()
    qtbot.addWidget(made)
    made.show_entries(ROWS, STAGES)
    made.resize(WIDTH, 700)
    made.show()
    with qtbot.waitActive(made):
        made.activateWindow()
    return made


@pytest.fixture
def taken(lists):
    found = []
    lists.row_chosen.connect(lambda name: found.append(("row", name)))
    lists.stage_chosen.connect(lambda name: found.append(("stage", name)))
    return found


@pytest.fixture
def dressed(qapp):
    yield lambda name, large: theme.apply(qapp, name, large_type=large)
    theme.apply(qapp, "dark")


def search(qtbot, lists, text):
    lists.search.setFocus()
    lists.search.clear()
    qtbot.keyClicks(lists.search, text)


def middle(shown, row):
    return shown.visualItemRect(shown.item(row)).center()


# -- finding -----------------------------------------------------------------------------------------------------------


def test_everything_is_listed_in_its_order(lists):
    assert lists.rows.names() == ["edges", "lenet5", "inception"]
    assert lists.stages.names() == [each.name for each in STAGES]
    assert lists.stages.item(0).toolTip().endswith(STAGES[0].summary)
    assert not lists.nothing.isVisible()


@pytest.mark.parametrize(
    ("text", "rows", "some_stages", "others"),
    [
        ("pool", ["lenet5"], {"max-pool", "average-pool", "gaussian-pool", "global-average"}, {"relu", "filter"}),
        ("MAX POOL", [], {"max-pool"}, {"average-pool"}),
        ("inception", ["inception"], {"branches"}, {"residual"}),
        ("leaky-relu", [], {"leaky-relu"}, {"relu"}),
    ],
)
def test_one_field_searches_both_lists(lists, qtbot, text, rows, some_stages, others):
    search(qtbot, lists, text)
    assert lists.rows.names() == rows
    assert lists.rows.isVisible() == bool(rows)
    found = set(lists.stages.names())
    assert some_stages <= found
    assert not others & found


def test_what_nobody_finds_is_said_and_escape_brings_all_back(lists, qtbot, taken):
    search(qtbot, lists, "zzz")
    assert lists.nothing.isVisible()
    assert lists.nothing.text() == "No row or stage is called “zzz”."
    qtbot.keyClick(lists.search, Qt.Key.Key_Return)
    qtbot.keyClick(lists.search, Qt.Key.Key_Down)
    assert taken == []
    qtbot.keyClick(lists.search, Qt.Key.Key_Escape)
    assert lists.stages.names() == [each.name for each in STAGES]
    assert not lists.nothing.isVisible()


def test_new_entries_answer_to_the_search_that_stands(lists, qtbot):
    search(qtbot, lists, "front")
    lists.show_entries((*ROWS, Entry("vgg", "VGG front", "")), STAGES)
    assert lists.rows.names() == ["lenet5", "vgg"]


# -- taking ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("max", ("stage", "max-pool")),
        ("relu", ("stage", "relu")),
        ("residual", ("stage", "residual")),
        ("lenet", ("row", "lenet5")),
        ("edge", ("row", "edges")),
    ],
)
def test_enter_takes_what_answers_best(lists, qtbot, taken, text, expected):
    search(qtbot, lists, text)
    qtbot.keyClick(lists.search, Qt.Key.Key_Return)
    assert taken == [expected]


def test_enter_takes_nothing_while_nothing_is_searched_for(lists, qtbot, taken):
    search(qtbot, lists, "max")
    lists.search.clear()
    qtbot.keyClick(lists.search, Qt.Key.Key_Return)
    assert taken == []


def test_a_click_takes_a_row_and_a_double_click_adds_a_stage(lists, qtbot, taken):
    for shown, row in ((lists.rows, 1), (lists.stages, 2)):
        qtbot.mouseClick(shown.viewport(), Qt.MouseButton.LeftButton, pos=middle(shown, row))
        assert shown.currentRow() == row
    assert taken == [("row", "lenet5")]
    qtbot.mouseDClick(lists.stages.viewport(), Qt.MouseButton.LeftButton, pos=middle(lists.stages, 2))
    assert taken[1:] == [("stage", "depthwise")]


def test_the_arrow_keys_lead_through_the_whole_column(lists, qtbot, taken):
    lists.search.setFocus()
    qtbot.keyClick(lists.search, Qt.Key.Key_Down)
    assert lists.rows.hasFocus()
    assert lists.rows.current() == "edges"
    for _ in range(3):
        qtbot.keyClick(lists.rows, Qt.Key.Key_Down)
    assert lists.stages.hasFocus()
    assert lists.stages.current() == "filter"
    qtbot.keyClick(lists.stages, Qt.Key.Key_Down)
    qtbot.keyClick(lists.stages, Qt.Key.Key_Enter)
    assert taken == [("stage", "filter-bank")]
    for _ in range(2):
        qtbot.keyClick(lists.stages, Qt.Key.Key_Up)
    assert lists.rows.current() == "inception"
    qtbot.keyClick(lists.rows, Qt.Key.Key_Return)
    assert taken[1:] == [("row", "inception")]
    for _ in range(3):
        qtbot.keyClick(lists.rows, Qt.Key.Key_Up)
    assert lists.search.hasFocus()


def test_the_arrow_keys_pass_a_list_that_the_search_emptied(lists, qtbot):
    search(qtbot, lists, "max pool")
    qtbot.keyClick(lists.search, Qt.Key.Key_Down)
    assert lists.stages.hasFocus()
    qtbot.keyClick(lists.stages, Qt.Key.Key_Up)
    assert lists.search.hasFocus()


# -- dragging ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "row", "mime", "dragged"),
    [
        ("rows", 1, "application/x-kernelscope-row", "lenet5"),
        ("stages", 3, "application/x-kernelscope-stage", "pointwise"),
    ],
)
def test_a_drag_carries_the_name(lists, qtbot, monkeypatch, name, row, mime, dragged):
    carried = []

    def drop(drag, action):
        data = drag.mimeData()
        carried.append((data.formats(), bytes(data.data(mime)).decode(), data.text(), drag.pixmap().isNull(), action))
        return action

    monkeypatch.setattr(QDrag, "exec", drop)
    shown = getattr(lists, name)
    start = middle(shown, row)
    qtbot.mousePress(shown.viewport(), Qt.MouseButton.LeftButton, pos=start)
    for step in (1, 2):
        move = start + QPoint(0, step * QApplication.startDragDistance())
        event = _mouse_move(shown.viewport(), move)
        QApplication.sendEvent(shown.viewport(), event)
    qtbot.mouseRelease(shown.viewport(), Qt.MouseButton.LeftButton, pos=start)
    ((formats, data, text, is_bare, action),) = carried
    assert set(formats) == {mime, "text/plain"}
    assert data == text == dragged
    assert not is_bare
    assert action == Qt.DropAction.CopyAction


def _mouse_move(widget, point):
    from PyQt6.QtCore import QEvent, QPointF
    from PyQt6.QtGui import QMouseEvent

    place, everywhere = QPointF(point), QPointF(widget.mapToGlobal(point))
    button, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    return QMouseEvent(QEvent.Type.MouseMove, place, everywhere, button, button, none)


# -- how it looks ------------------------------------------------------------------------------------------------------


def test_the_row_in_use_stands_out(lists):
    def ground(row):
        area = lists.rows.visualItemRect(lists.rows.item(row))
        return lists.rows.viewport().grab().toImage().pixelColor(area.left() + 7, area.center().y())

    plain = ground(1)
    lists.show_current("lenet5")
    assert ground(1) == theme.palette().hover != plain
    assert ground(0) == plain
    lists.show_current("")
    assert ground(1) == plain


def test_a_scroll_bar_leaves_room_beside_the_counts(lists):
    def ink_ends():
        """The last column of a row of the list in which anything is written, from the right end of the row."""
        shown = lists.rows.viewport().grab().toImage()
        area = lists.rows.visualItemRect(lists.rows.item(0))
        ground = shown.pixelColor(area.left() + 1, area.center().y())
        columns = range(area.right(), area.left(), -1)
        rows = range(area.top() + 4, area.bottom() - 4)
        return next(n for n, x in enumerate(columns) if any(shown.pixelColor(x, y) != ground for y in rows))

    without = ink_ends()
    lists.rows.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
    QApplication.processEvents()
    assert lists.rows.viewport().width() < lists.rows.width()
    assert abs(ink_ends() - without) <= 1


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize(("large", "height"), [(False, 700), (False, 1012), (True, 700), (True, 640)])
def test_both_lists_have_room_in_both_themes_and_in_larger_type(qtbot, dressed, name, large, height):
    dressed(name, large)
    lists = StageLists()
    qtbot.addWidget(lists)
    theme.dress(lists)
    lists.show_entries([Entry(str(n), f"Row {n}", "", "", "7") for n in range(9)], STAGES)
    lists.resize(theme.px(WIDTH), height)
    with qtbot.waitExposed(lists):
        lists.show()
    assert any("double-click" in label.text() for label in lists.findChildren(QLabel))
    for label in lists.findChildren(QLabel):
        if label.isVisible():
            assert label.width() >= QFontMetricsF(label.font()).horizontalAdvance(label.text())
    line = theme.px(28)
    assert lists.stages.height() >= 4 * line
    assert lists.rows.height() >= min(9, 4) * line
    if not large:
        assert lists.rows.verticalScrollBar().maximum() == 0
    assert lists.stages.geometry().bottom() <= lists.height()
    assert lists.stages.horizontalScrollBar().maximum() == 0


def test_every_control_is_named_and_explained(lists):
    for widget in (*lists.findChildren(QLineEdit), lists.rows, lists.stages):
        assert widget.objectName()
        assert widget.accessibleName()
        assert widget.toolTip()
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert lists.objectName() == "layerLists"
