"""The middle of the Train side: one axis through curves, film strip and timeline, and what the user does with them."""

from itertools import pairwise

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractSlider, QLineEdit, QToolButton

from tests.viewer.network.train.drawn_runs import curves, drawn, film
from tests.viewer.pointer import move_to
from viewer import theme
from viewer.images import to_array
from viewer.pages.network.train.drawn import Film, FilmFrame
from viewer.pages.network.train.views.timeline import in_branches

Key = Qt.Key


def told(signal):
    """What a signal carries from now on."""
    found = []
    signal.connect(lambda *values: found.append(values[0] if len(values) == 1 else values))
    return found


def click(view, x, y):
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))


class TestTimeline:
    def test_it_is_a_slider_over_the_steps_done(self, pair):
        slider = pair.findChild(QAbstractSlider, "trainTimeline")
        assert (slider.minimum(), slider.maximum(), slider.value()) == (0, 1600, 800)
        assert slider.accessibleName()

    def test_a_value_set_by_a_program_is_as_if_by_the_user(self, pair):
        steps = told(pair.step_chosen)
        pair.timeline.setValue(415)
        assert steps == [415]

    def test_what_is_shown_is_not_announced(self, pair):
        steps = told(pair.step_chosen)
        pair.show_step(300)
        pair.show_runs((drawn("A", 2000),), "run-A")
        pair.show_step(2000)
        assert steps == []
        assert (pair.timeline.maximum(), pair.timeline.value()) == (2000, 2000)

    def test_the_keys_go_from_checkpoint_to_checkpoint(self, pair):
        for key, value in (
            (Key.Key_Left, 750),
            (Key.Key_Right, 800),
            (Key.Key_PageDown, 300),
            (Key.Key_PageUp, 800),
            (Key.Key_Home, 0),
            (Key.Key_Left, 0),
            (Key.Key_End, 1600),
            (Key.Key_Right, 1600),
        ):
            QTest.keyClick(pair.timeline, key)
            assert pair.timeline.value() == value, key

    def test_a_press_and_a_drag_in_the_row_take_the_value_along(self, pair):
        steps, slider = told(pair.step_chosen), pair.timeline
        y = round(slider.middle(0))
        QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(round(pair.axis.x(400)), y))
        assert abs(slider.value() - 400) <= 2, "a pixel"
        QTest.mouseMove(slider, QPoint(round(pair.axis.x(100)), y))
        assert abs(slider.value() - 100) <= 1
        QTest.mouseMove(slider, QPoint(-40, y))
        assert slider.value() == 0
        QTest.mouseRelease(slider, Qt.MouseButton.LeftButton)
        QTest.mouseMove(slider, QPoint(round(pair.axis.x(200)), y))
        assert slider.value() == steps[-1] == 0, "the drag is over"

    def test_a_click_or_a_key_chooses_another_run(self, pair):
        runs, steps = told(pair.run_chosen), told(pair.step_chosen)
        click(pair.timeline, pair.axis.x(300), pair.timeline.middle(1))
        QTest.keyClick(pair.timeline, Key.Key_Down)
        QTest.keyClick(pair.timeline, Key.Key_Up)
        assert runs == ["run-B", "run-B"]
        assert steps == []

    def test_its_words_tell_of_a_branch(self, pair):
        words, _rect = pair.timeline.tip_at(QPoint(300, round(pair.timeline.middle(1))))
        assert "Run B" in words
        assert "left A at step 200" in words
        assert "broke off" in words

    def test_branches_stand_below_the_run_that_they_left(self):
        a, b = drawn("A"), drawn("B")
        c, d = drawn("C", parent=("run-A", 200)), drawn("D", parent=("run-C", 300))
        gone = drawn("E", parent=("run-removed", 50))
        assert [each.name for each in in_branches((a, b, c, d, gone))] == ["A", "C", "D", "B", "E"]

    def test_the_button_stays_below_the_cursor_and_within_the_view(self, pair):
        button, asked = pair.findChild(QToolButton, "branchButton"), told(pair.branch_requested)
        middle = button.mapTo(pair, button.rect().center()).x()
        assert abs(middle - pair.axis.x(800)) < 3
        for step in (0, 1600):
            pair.show_step(step)
            place = button.geometry()
            assert place.left() >= 0
            assert place.right() <= pair.width()
        button.click()
        assert len(asked) == 1
        pair.panel.show_branching(False, "Not here")
        assert (button.isEnabled(), button.text()) == (False, "Not here")
        pair.panel.show_branching(True)
        assert (button.isEnabled(), button.text()) == (True, "Branch from here")

    def test_thirty_runs_scroll(self, middle):
        runs = [drawn(f"R{number}", 400, number=number) for number in range(30)]
        middle.show_runs(runs, "run-R29")
        area = middle.panel.rows_area
        assert area.height() < middle.height() / 4
        assert area.verticalScrollBar().value() > 0, "the shown run is in sight"
        assert middle.curves.height() >= 160


class TestAxis:
    def test_all_parts_have_the_same(self, pair):
        for size in ((700, 560), (1416, 1010)):
            pair.resize(*size)
            axis = pair.axis
            assert axis.end == 1600
            assert pair.curves._axis == axis
            assert pair.film.rows._axis == axis
            assert pair.timeline._axis == axis

    def test_the_cursor_is_one_gold_line(self, pair):
        x = int(pair.axis.x(800))
        column = to_array(pair.grab().toImage())[:, x].astype(int)
        gold = (abs(column - np.array([255, 178, 36])).sum(axis=1) < 90).nonzero()[0]
        parts = pair.curves.y(), pair.film_header.y(), pair.film.y(), pair.panel.y()
        for top, bottom in zip(parts, (*parts[1:], pair.panel.y() + 20), strict=True):
            assert ((gold >= top) & (gold < bottom)).any()

    def test_it_spans_the_longest_run(self, pair):
        pair.show_runs((drawn("A"), drawn("B", 4000)), "run-A")
        assert 4000 <= pair.axis.end <= 4064
        assert pair.timeline.maximum() == 1600


class TestCurves:
    def test_a_click_and_a_drag_choose_steps(self, pair):
        steps = told(pair.step_chosen)
        QTest.mousePress(pair.curves, Qt.MouseButton.LeftButton, pos=QPoint(round(pair.axis.x(200)), 40))
        QTest.mouseMove(pair.curves, QPoint(round(pair.axis.x(50)), 40))
        QTest.mouseRelease(pair.curves, Qt.MouseButton.LeftButton)
        QTest.mouseMove(pair.curves, QPoint(round(pair.axis.x(300)), 60))
        assert steps == pytest.approx([200, 50], abs=1)

    def test_they_say_what_stands_at_the_cursor(self, pair):
        found = pair.curves.reading(400)
        by_name = {each.name: each for each in found.lines}
        assert by_name["validation"].loss == "0.527"  # 2 exp(-400 / 300)
        assert by_name["validation"].accuracy == "20.0 %"
        assert by_name["B"].loss == "0.527"
        assert "B" not in {each.name for each in pair.curves.reading(800).lines}, "it ended before"
        assert "Step 800" in pair.curves.accessibleDescription()

    def test_between_checks_the_latest_is_said_also_beyond_the_last(self, pair):
        pair.show_runs((drawn("A", 1633),), "run-A")
        assert pair.curves.reading(1633).lines[1].accuracy == "80.0 %"

    def test_a_pointer_reads_without_moving_the_cursor(self, pair):
        steps = told(pair.step_chosen)
        before = to_array(pair.curves.grab().toImage())
        move_to(pair.curves, QPoint(round(pair.axis.x(100)), 40))
        assert not np.array_equal(before, to_array(pair.curves.grab().toImage()))
        assert steps == []


class TestFilm:
    def test_a_click_on_a_picture_chooses_its_step_and_weight(self, pair):
        steps, weights = told(pair.step_chosen), told(pair.weight_chosen)
        place = pair.film.rows.place(2, 400)
        side = place.width() / 5
        click(pair.film.rows, place.left() + 3.5 * side, place.top() + 1.5 * side)
        assert steps == [400]
        assert weights == [(2, 1, 3)]

    def test_the_shown_frame_has_room_whatever_stands_beside_it(self, pair):
        pair.show_film(film((0, 50, 100, 200, 390, 400, 410, 800, 1600)))
        for step in (390, 400, 410):
            pair.show_step(step)
            assert step in [each.step for each in pair.film.rows.columns()]
            assert pair.film.rows.framed().step == step

    def test_between_two_checkpoints_the_earlier_is_framed(self, pair):
        pair.show_step(799)
        assert pair.film.rows.framed().step == 400

    def test_pictures_never_overlap(self, pair):
        pair.show_film(film(tuple(range(0, 1601, 25))))
        places = [pair.film.rows.place(0, each.step) for each in pair.film.rows.columns()]
        assert len(places) > 8
        assert not any(a.intersects(b) for a, b in pairwise(places))

    def test_words_tell_chance_from_likeness(self, pair):
        rows = pair.film.rows
        assert "edge 2°, 0.6" in rows.tip_at(rows.place(2, 400).center())[0]
        assert "chance, 0.55" in rows.tip_at(rows.place(1, 400).center())[0]
        assert "Filter 5" in rows.accessibleDescription()

    def test_six_filters_have_room_beside_one_run(self, middle, qtbot):
        middle.show_runs((drawn("A"),), "run-A")
        middle.show_film(film())
        qtbot.waitUntil(lambda: middle.film.verticalScrollBar().maximum() == 0)
        assert middle.curves.height() >= 172

    def test_larger_type_keeps_six_filters_and_the_legend_in_sight(self, middle, qapp, qtbot):
        theme.apply(qapp, "dark", large_type=True)
        middle.resize(610, 645)  # what a screen of 1366 x 768 leaves it
        middle.show_runs((drawn("A"),), "run-A")
        middle.show_film(film())
        middle.show_heading("step 1,300 of 1,300 done · epoch 26")
        qtbot.waitUntil(lambda: middle.film.verticalScrollBar().maximum() == 0)
        rows = middle.film.rows
        assert rows.place(0, 1600).height() >= 20
        assert rows.place(5, 1600).bottom() < middle.film.viewport().height()
        assert middle.header.legend.isVisible()
        # The picture that is saved has room for captions, two pixels for each.
        assert middle.film_picture().height() > 2 * 6 * theme.px(59)
        assert rows.place(5, 1600).bottom() < middle.film.viewport().height()

    def test_many_filters_scroll(self, pair):
        pair.show_film(film(count=32))
        assert pair.film.verticalScrollBar().maximum() > 500
        assert pair.film_picture().height() > 2 * 32 * 59

    @pytest.mark.parametrize(("kind", "title"), [("unit", "Unit 1"), ("class", "Class seven")])
    def test_units_and_classes_have_their_names(self, pair, kind, title):
        pictures = tuple(np.zeros((28, 28, 3), np.uint8) for _row in range(2))
        pair.show_film(Film((FilmFrame(0, pictures),), kind, ("six", "seven")))
        assert pair.film.rows.title(1) == title
        assert pair.film.rows.tip_at(pair.film.rows.place(1, 0).center())[0].endswith(title)


class TestHeader:
    def test_a_name_is_typed_in_place(self, pair):
        names, edit = told(pair.run_renamed), pair.findChild(QLineEdit, "runNameEdit")
        pair.header.begin_naming()
        assert edit.text() == "A"
        edit.setText("  high rate & long ")
        QTest.keyClick(edit, Key.Key_Return)
        assert names == [("run-A", "high rate & long")]
        assert edit.isHidden()

    def test_escape_keeps_the_name(self, pair):
        names, edit = told(pair.run_renamed), pair.findChild(QLineEdit, "runNameEdit")
        pair.header.begin_naming()
        edit.setText("other")
        QTest.keyClick(edit, Key.Key_Escape)
        assert names == []
        assert edit.isHidden()

    def test_its_menu_chooses_and_removes(self, pair):
        chosen, removed = told(pair.run_chosen), told(pair.remove_requested)
        actions = {each.text().split()[0]: each for each in pair.header.name.menu().actions() if each.text()}
        actions["B"].trigger()
        actions["Remove…"].trigger()
        assert (chosen, removed) == (["run-B"], ["run-A"])

    def test_a_menu_that_is_open_stays_while_the_run_goes_on(self, pair):
        before = pair.header.name.menu().actions()
        pair.show_runs((drawn("A", 2000), drawn("B", 400, parent=("run-A", 200))), "run-A")
        assert pair.header.name.menu().actions() == before

    def test_long_names_are_cut_and_the_legend_gives_way(self, middle):
        runs = [drawn(f"a name of forty letters, number {number}", 400, number=number) for number in range(12)]
        middle.show_runs(runs, runs[0].id)
        middle.show_heading("step 800 of 1,600 · epoch 16")
        assert middle.header.width() == middle.width() == 862
        assert middle.header.name.width() < 230
        assert middle.header.about.width() >= middle.header.about.sizeHint().width() - 1
        items, left_out = middle.header.legend.fitting()
        assert len(items) + left_out == 2 + 2, "two others are drawn beside the one that is shown"
        assert left_out > 0


def test_before_anything_is_trained_a_sentence_says_what_will_be_there(middle):
    assert middle.empty.isVisible()
    assert "Play" in middle.empty.text()
    assert not middle.timeline.isVisible()
    assert middle.timeline.maximum() == 0
    middle.show_runs((drawn("A", 0),), "run-A")
    assert not middle.empty.isVisible()


def test_a_run_that_goes_on_is_drawn_on(pair):
    before = to_array(pair.curves.grab().toImage())
    longer = drawn("A", 3200)
    assert np.array_equal(longer.curves.losses[:1600], curves(1600).losses)
    pair.show_runs((longer,), "run-A")
    assert not np.array_equal(before, to_array(pair.curves.grab().toImage()))
