"""The right column below the form: facts and the shift; and that all of it has room."""

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QScrollArea, QWidget

from kernels.recipe.reading import NAMES
from tests.viewer.layers.panels import LINE, child, make_panel, typed
from viewer import theme
from viewer.pages.layers import stages
from viewer.pages.layers.views.facts import marked_up
from viewer.pages.layers.views.options import WIDTH, OptionsPanel


@pytest.fixture
def panel(qtbot):
    return make_panel(qtbot)


@pytest.fixture
def dressed(qapp):
    theme.load_fonts()
    yield lambda name, large: theme.apply(qapp, name, large_type=large)
    theme.apply(qapp, "dark")


SECTIONS = (
    ("Output size", ("(512 + 2·0 − 5)/1 + 1 = 508",)),
    ("Weights", ("6 × (5 · 5 · 1 + 1) = 156", "Fully connected: 406 billion")),
)


def test_facts_stand_in_sections(panel):
    panel.show_facts(SECTIONS)
    assert panel.facts.sections() == [(heading, "\n".join(lines)) for heading, lines in SECTIONS]
    before = panel.facts.findChildren(QWidget)
    panel.show_facts((SECTIONS[0], ("Weights", ("none",))))
    assert panel.facts.findChildren(QWidget) == before
    assert panel.facts.sections()[1] == ("Weights", "none")
    panel.show_facts(())
    assert not panel.facts.isVisible()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("1 + 2 = 3", "1 + 2 =\u00a0<b>3</b>"),
        ("a = b = 1,234 pixels", "a = b =\u00a0<b>1,234\u00a0pixels</b>"),
        ("Fully connected: 406 billion", "Fully connected: <b>406\u00a0billion</b>"),
        ("5 × 5 pixels of it", "<b>5\u00a0×\u00a05</b> pixels of it"),
        ("8 × 512 × 512", "<b>8\u00a0×\u00a0512\u00a0×\u00a0512</b>"),
        ("none", "none"),
        ("<i> & so = <b>", "&lt;i&gt; &amp; so =\u00a0<b>&lt;b&gt;</b>"),
    ],
)
def test_results_are_bold_and_nothing_else_is_mark_up(line, expected):
    assert marked_up(line, "#123456").replace(' style="color: #123456;"', "") == expected


def test_the_shift_and_what_comes_of_it(panel, qtbot):
    panel.show_stage("Filter", [LINE], "")
    chosen = []
    panel.shift_chosen.connect(chosen.append)
    lines = ((True, "The 6 maps: by 1 px, exactly."), (False, "Pooled maps: by ½ px."))
    panel.show_shift(3, lines)
    assert chosen == []
    assert panel.shift.box.value() == 3
    assert panel.shift.answers() == [("✓", lines[0][1]), ("≈", lines[1][1])]
    panel.show_shift(3, lines[1:])
    assert panel.shift.answers() == [("≈", lines[1][1])]
    box = child(panel, "layer_shift")
    typed(qtbot, box, "7")
    panel.show_shift(3, lines)
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert chosen == [7]


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("name", ["dark", "light"])
def test_every_stage_fits_the_width_and_scrolls_when_it_is_too_high(qtbot, dressed, name, large):
    dressed(name, large)
    panel = OptionsPanel()
    qtbot.addWidget(panel)
    theme.dress(panel)
    panel.show_facts(SECTIONS)
    panel.show_shift(1, [(True, "The 6 maps: by 1 px, exactly."), (False, "Pooled maps: by ½ px, so not exactly.")])
    panel.resize(theme.px(WIDTH), 420)
    with qtbot.waitExposed(panel):
        panel.show()
    scroll = panel.findChild(QScrollArea)
    for kind in NAMES:
        options = {"padding": [999, 999]} if kind == "filter" else {}
        panel.show_stage(stages.kind(kind).title, stages.fields(kind, stages.defaults(kind, 6) | options, 6),
                         "Kernels: 2 cannot be split into 4 equal groups.", key=kind)  # fmt: skip
        QApplication.processEvents()
        assert scroll.widget().minimumSizeHint().width() <= scroll.viewport().width(), kind
        assert scroll.horizontalScrollBar().maximum() == 0
    panel.show_stage("Filter bank", stages.fields("filter-bank", stages.defaults("filter-bank", 6), 6), "")
    qtbot.waitUntil(lambda: scroll.verticalScrollBar().maximum() > 0)
    width = child(panel, "layer_operationCombo").width
    narrow = width()
    panel.resize(theme.px(WIDTH), 2000)
    qtbot.waitUntil(lambda: scroll.verticalScrollBar().maximum() == 0)
    # The scroll bar takes its room from the margin, not from the fields.
    qtbot.waitUntil(lambda: abs(width() - narrow) <= 1)
