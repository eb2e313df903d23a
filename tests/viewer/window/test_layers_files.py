"""Rows of stages in files: saved, opened, dropped, and what is wrong with them."""

import json

import pytest
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QApplication

from kernels.recipe.files import read_recipe
from tests.viewer.layers_hand import grey
from viewer.pages.layers.row import recipe_of


@pytest.fixture
def answer(layers, monkeypatch):
    """Give the file dialogs a path for an answer."""

    def give(path):
        for name in ("ask_open", "ask_save"):
            monkeypatch.setattr(layers.window.dialogs, name, lambda *_asked: str(path))

    return give


def said(layers):
    return layers.window.status.message.text()


def test_a_row_is_saved_and_opened_again(layers, answer, tmp_path):
    layers.take("residual-v1")
    layers.view.strip.switched.emit(layers.row[-1].key, False)
    layers.wait()
    saved = recipe_of(layers.row)
    answer(tmp_path / "mine")
    layers.control("saveRowButton").click()
    layers.wait()
    assert read_recipe(tmp_path / "mine.json").to_dict() == saved.to_dict()
    assert "mine.json" in said(layers)
    layers.take("edge-detector")
    before = layers.window.store.document
    answer(tmp_path / "mine.json")
    layers.call("openRow")
    assert recipe_of(layers.row).to_dict() == saved.to_dict()
    assert layers.control("layerStripTitle").text() == "mine.json"
    layers.check()
    layers.call("undo")
    assert layers.window.store.document == before
    layers.check()


def test_a_row_is_opened_from_another_workspace(layers, answer, tmp_path):
    path = tmp_path / "row.json"
    path.write_text('{"stages": [{"tanh": {}}]}')
    answer(path)
    layers.window.intents.call("showFilter")
    layers.call("openRow")
    assert layers.window.store.session.workspace == "layers"
    assert [each.kind for each in layers.row] == ["tanh"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"stages": [{"relu": {}}, {"max-pool": {"size": 0}}]}, "stages[1].max-pool.size"),
        ({"stages": [{"no-such-stage": {}}]}, "no-such-stage"),
        ([1, 2], "must be an object"),
    ],
)
def test_what_is_no_row_is_refused_in_a_sentence_and_the_row_stays(layers, answer, tmp_path, content, sentence):
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(content))
    before = layers.window.store.document
    for name in (path, tmp_path / "missing.json"):
        answer(name)
        layers.call("openRow")
        assert layers.window.store.document == before
        assert (sentence if name == path else "no file") in said(layers)
    answer("")
    layers.call("openRow")
    layers.call("saveRow")
    assert layers.window.store.document == before


def test_a_row_that_does_not_fit_the_picture_is_opened_and_explained(layers, answer, tmp_path):
    path = tmp_path / "row.json"
    path.write_text('{"stages": [{"max-pool": {"size": 99}}]}')
    layers.open(grey(20, 20))
    answer(path)
    layers.call("openRow")
    assert layers.errors[1].startswith("A window of 99 × 99 does not fit")


def test_a_row_that_cannot_be_written_says_so(layers, answer, tmp_path):
    answer(tmp_path / "no" / "where.json")
    layers.call("saveRow")
    assert "no folder" in said(layers)
    layers.make()
    assert not layers.window.intents.action("saveRow").isEnabled()


def test_a_file_is_dropped_on_the_cards(layers, tmp_path):
    path = tmp_path / "row.JSON"
    path.write_text('{"stages": [{"sigmoid": {}}]}')
    strip, data = layers.view.strip, QMimeData()
    action, no_keys = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier

    for name in ("row.JSON", "picture.png"):  # a picture is for the window
        data.setUrls([QUrl.fromLocalFile(str(tmp_path / name))])
        middle = strip.rect().center()
        QApplication.sendEvent(strip, QDragEnterEvent(middle, action, data, Qt.MouseButton.LeftButton, no_keys))
        dropping = QDropEvent(QPointF(middle), action, data, Qt.MouseButton.LeftButton, no_keys)
        QApplication.sendEvent(strip, dropping)
        layers.wait()
        assert [each.kind for each in layers.row] == ["sigmoid"]
    assert "picture.png" in said(layers)
