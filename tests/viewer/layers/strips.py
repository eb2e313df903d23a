"""Strips of cards to test, and what a hand does to them."""

import numpy as np
from PyQt6.QtCore import QEvent, QPointF, Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from viewer.pages.layers.cards import Card
from viewer.pages.layers.views.strip import CardStrip

LEFT = Qt.MouseButton.LeftButton
FACTS = (("Shape", "6 × 508 × 508"), ("Weights", "156"), ("Receptive field", "5 × 5"))


def maps(count, shape=(60, 60), level=20):
    return tuple(np.full(shape, level + 10 * number, np.uint8) for number in range(count))


def card(key, count=6, **more):
    given = {"title": f"Stage {key}", "detail": "5 × 5", "facts": FACTS, **more}
    return Card(key, maps=maps(count), numbers=tuple(range(count)), **{"count": count, **given})


def row_of(stages):
    return [card(0, 1, title="Picture", detail=""), *(card(key) for key in range(1, stages + 1))]


def make_strip(qtbot):
    made = CardStrip()
    qtbot.addWidget(made)
    made.resize(980, 300)
    with qtbot.waitExposed(made):
        made.show()
    return made


def show(strip, cards, selected=1):
    strip.show_cards("LeNet-5 front", "6 stages on camera", cards, selected)
    QApplication.processEvents()


def heard(signal):
    said = []
    signal.connect(lambda *arguments: said.append(arguments))
    return said


def focus(strip, key):
    # Offscreen no window is activated by itself.
    strip.activateWindow()
    strip.row.card_of(key).setFocus()
    QApplication.processEvents()
    assert strip.row.card_of(key).hasFocus()


def press(strip, key, modifiers=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(QApplication.focusWidget(), key, modifiers)


def colours_of(widget):
    image = widget.grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


def move(card, point, buttons=Qt.MouseButton.NoButton):
    """Move the pointer over `card`; the screen's own is left alone."""
    at = QPointF(point)
    event = QMouseEvent(QEvent.Type.MouseMove, at, card.mapToGlobal(at), Qt.MouseButton.NoButton, buttons,
                        Qt.KeyboardModifier.NoModifier)  # fmt: skip
    QApplication.sendEvent(card, event)
