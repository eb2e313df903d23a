"""The Qt style sheet: colours are roles of the palette, lengths are scaled."""

from __future__ import annotations

import re
from collections.abc import Callable

from viewer.theme.colours import ROLES

TIP_PADDING = 4
"""Design pixels around the text of a tool tip, inside its border of one pixel."""


def style_sheet(px: Callable[[float], int]) -> str:
    """The whole window's style sheet; `px` scales design pixels."""
    names = {name: f"palette({re.sub('(?<!^)(?=[A-Z])', '-', role).lower()})" for name, role in ROLES.items()}
    return "".join(part(names, px) for part in (_grounds, _text, _buttons, _fields, _lists, _sliders, _stage))


def _grounds(c: dict[str, str], px: Callable[[float], int]) -> str:
    return f"""
    QMainWindow, QDialog {{ background: {c["ground"]}; }}
    QWidget#toolBarRow, QWidget#statusRow, QWidget[panel="true"] {{ background: {c["panel"]}; }}
    QWidget#toolBarRow {{ border-bottom: 1px solid {c["line"]}; }}
    QWidget#statusRow {{ border-top: 1px solid {c["line"]}; }}
    QWidget[panel="true"][edge="right"] {{ border-right: 1px solid {c["line"]}; }}
    QWidget[panel="true"][edge="left"] {{ border-left: 1px solid {c["line"]}; }}
    QWidget[panel="true"][edge="top"] {{ border-top: 1px solid {c["line"]}; }}
    QScrollArea {{ border: none; background: transparent; }}
    QScrollArea > QWidget > QWidget[clear="true"] {{ background: transparent; }}
    QSplitter::handle {{ background: {c["line"]}; }}
    QToolTip {{ background: {c["panel"]}; color: {c["text"]}; border: 1px solid {c["line"]};
        padding: {px(TIP_PADDING)}px; }}
    QFrame[card="true"] {{ background: {c["field"]}; border: 1px solid {c["line"]}; border-radius: {px(6)}px; }}
    """


def _text(c: dict[str, str], px: Callable[[float], int]) -> str:
    return f"""
    QLabel {{ color: {c["text"]}; background: transparent; }}
    QLabel[role="muted"] {{ color: {c["muted"]}; font-size: {px(12)}px; }}
    QLabel[role="section"] {{ color: {c["muted"]}; font-size: {px(11)}px; font-weight: 600; }}
    QLabel[role="title"] {{ font-weight: 600; font-size: {px(12)}px; }}
    QLabel[role="strong"] {{ font-weight: 600; }}
    QLabel[role="sign"] {{ color: {c["muted"]}; font-size: {px(18)}px; }}
    QLabel[role="error"] {{ color: {c["error"]}; font-size: {px(12)}px; }}
    QLabel[role="warning"] {{ color: {c["warning"]}; font-size: {px(12)}px; }}
    QLabel:disabled {{ color: {c["faint"]}; }}
    """


def _buttons(c: dict[str, str], px: Callable[[float], int]) -> str:
    return f"""
    QPushButton, QToolButton {{ color: {c["text"]}; background: {c["field"]}; border: 1px solid {c["line"]};
        border-radius: {px(6)}px; padding: {px(4)}px {px(8)}px; }}
    QPushButton:hover, QToolButton:hover {{ background: {c["hover"]}; }}
    QPushButton:focus, QToolButton:focus {{ border: 1px solid {c["accent"]}; }}
    QPushButton:disabled, QToolButton:disabled {{ color: {c["faint"]}; }}
    QToolButton::menu-indicator, QPushButton::menu-indicator {{ image: none; width: 0; }}
    QPushButton[flat="true"], QToolButton[flat="true"] {{ background: transparent; border: 1px solid transparent; }}
    QPushButton[flat="true"]:hover, QToolButton[flat="true"]:hover {{ background: {c["hover"]}; }}
    QPushButton[flat="true"]:focus, QToolButton[flat="true"]:focus {{ border: 1px solid {c["accent"]}; }}
    QToolButton[flat="true"]:checked {{ background: {c["hover"]}; }}
    QToolButton[switch="true"]:checked {{ background: {c["accent"]}; color: {c["on_accent"]};
        border-color: {c["accent"]}; }}
    QToolButton[switch="true"]:checked:focus {{ border-color: {c["text"]}; }}
    QToolButton[primary="true"]:enabled {{ background: {c["accent"]}; border-color: {c["accent"]};
        color: {c["on_accent"]}; }}
    QToolButton[primary="true"]:enabled:focus {{ border-color: {c["text"]}; }}
    QToolButton[narrow="true"] {{ padding: {px(4)}px {px(6)}px; }}
    QToolButton[small="true"] {{ padding: 0 {px(2)}px; font-size: {px(10.5)}px; }}
    QToolButton[chevron="true"] {{ padding-right: {px(24)}px; }}
    QToolButton[bare="true"] {{ padding: 0; }}
    QFrame[segmented="true"] {{ background: {c["field"]}; border: 1px solid {c["line"]};
        border-radius: {px(6)}px; }}
    QFrame[segmented="true"] QPushButton {{ background: transparent; border: 1px solid transparent;
        color: {c["muted"]}; border-radius: {px(4)}px; padding: {px(2)}px {px(6)}px; }}
    QFrame[segmented="true"] QPushButton:hover {{ color: {c["text"]}; }}
    QFrame[segmented="true"] QPushButton:checked {{ background: {c["panel"]}; color: {c["text"]};
        border-color: {c["line"]}; font-weight: 600; }}
    QFrame[segmented="true"] QPushButton:focus {{ border-color: {c["accent"]}; }}
    QFrame[segmented="true"] QPushButton:disabled {{ color: {c["faint"]}; }}
    QFrame[segmented="true"][tabs="true"] QPushButton {{ padding: {px(4)}px {px(14)}px; }}
    QFrame[segmented="true"][tabs="true"] QPushButton:checked {{ background: {c["accent"]};
        color: {c["on_accent"]}; border-color: {c["accent"]}; }}
    QFrame[segmented="true"][tabs="true"] QPushButton:checked:focus {{ border: {px(2)}px solid {c["text"]};
        padding: {px(3)}px {px(13)}px; }}
    """


def _fields(c: dict[str, str], px: Callable[[float], int]) -> str:
    return f"""
    QLineEdit, QAbstractSpinBox {{ color: {c["text"]}; background: {c["field"]}; border: 1px solid {c["line"]};
        border-radius: {px(6)}px; padding: {px(3)}px {px(7)}px; selection-background-color: {c["accent"]};
        selection-color: {c["on_accent"]}; min-height: {px(20)}px; }}
    QLineEdit#layerSearch {{ font-size: {px(12)}px; min-height: {px(24)}px; }}
    QAbstractSpinBox[narrow="true"] {{ padding: {px(3)}px 0; }}
    QAbstractSpinBox QLineEdit {{ border: none; padding: 0; min-height: 0; background: transparent; }}
    QPlainTextEdit {{ color: {c["text"]}; background: {c["field"]}; border: 1px solid {c["line"]};
        border-radius: {px(6)}px; padding: {px(2)}px {px(3)}px; selection-background-color: {c["accent"]};
        selection-color: {c["on_accent"]}; }}
    QLineEdit:focus, QAbstractSpinBox:focus, QPlainTextEdit:focus {{ border: 1px solid {c["accent"]}; }}
    QLineEdit:disabled, QAbstractSpinBox:disabled {{ color: {c["faint"]}; }}
    QLineEdit[invalid="true"], QAbstractSpinBox[invalid="true"], QPlainTextEdit[invalid="true"] {{
        border: 1px solid {c["error"]}; }}
    QCheckBox {{ color: {c["text"]}; spacing: {px(6)}px; background: transparent; }}
    QCheckBox::indicator {{ width: {px(14)}px; height: {px(14)}px; border: 1px solid {c["muted"]};
        border-radius: {px(3)}px; background: {c["field"]}; }}
    QCheckBox::indicator:checked {{ background: {c["accent"]}; border-color: {c["accent"]}; }}
    QCheckBox:disabled {{ color: {c["faint"]}; }}
    QCheckBox:focus {{ color: {c["accent"]}; }}
    QProgressBar {{ background: {c["field"]}; border: none; border-radius: {px(2)}px; max-height: {px(4)}px; }}
    QProgressBar::chunk {{ background: {c["accent"]}; border-radius: {px(2)}px; }}
    """


def _lists(c: dict[str, str], px: Callable[[float], int]) -> str:
    return f"""
    QMenu {{ background: {c["panel"]}; color: {c["text"]}; border: 1px solid {c["line"]}; padding: {px(4)}px; }}
    QMenu::item {{ padding: {px(5)}px {px(24)}px {px(5)}px {px(12)}px; border-radius: {px(4)}px; }}
    QMenu::item:selected {{ background: {c["hover"]}; }}
    QMenu::item:disabled {{ color: {c["muted"]}; }}
    QMenu::icon {{ padding-left: {px(8)}px; }}
    QMenu::separator {{ height: 1px; background: {c["line"]}; margin: {px(4)}px {px(8)}px; }}
    QAbstractItemView[clear="true"] {{ background: transparent; border: none;
        selection-background-color: transparent; }}
    QAbstractItemView[clear="true"]::item {{ padding: 0; }}
    QAbstractItemView {{ background: {c["panel"]}; color: {c["text"]}; border: 1px solid {c["line"]};
        outline: none; selection-background-color: {c["hover"]}; selection-color: {c["text"]}; }}
    QHeaderView::section {{ background: {c["panel"]}; color: {c["muted"]}; border: none; padding: {px(4)}px; }}
    QScrollBar:vertical {{ background: transparent; width: {px(10)}px; margin: 0; }}
    QScrollBar:horizontal {{ background: transparent; height: {px(10)}px; margin: 0; }}
    QScrollBar::handle {{ background: {c["hover"]}; border-radius: {px(4)}px; margin: {px(2)}px;
        min-height: {px(24)}px; min-width: {px(24)}px; }}
    QScrollBar::handle:hover {{ background: {c["faint"]}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    """


def _sliders(c: dict[str, str], px: Callable[[float], int]) -> str:
    return f"""
    QSlider {{ min-height: {px(20)}px; background: transparent; }}
    QSlider::groove:horizontal {{ height: {px(4)}px; background: {c["hover"]}; border-radius: {px(2)}px; }}
    QSlider::sub-page:horizontal {{ background: {c["accent"]}; border-radius: {px(2)}px; }}
    QSlider::handle:horizontal {{ background: {c["accent"]}; width: {px(14)}px; height: {px(14)}px;
        margin: -{px(5)}px 0; border-radius: {px(7)}px; border: none; }}
    QSlider::handle:horizontal:hover {{ background: {c["text"]}; }}
    QSlider::handle:horizontal:focus {{ border: 2px solid {c["text"]}; }}
    QSlider::handle:horizontal:disabled, QSlider::sub-page:horizontal:disabled {{ background: {c["faint"]}; }}
    """


def _stage(c: dict[str, str], px: Callable[[float], int]) -> str:
    """What is read from the last row."""
    stage = 'QWidget[stage="true"]'
    return f"""
    {stage} QLabel, {stage} QLabel[role="muted"], {stage} QLabel[role="error"], {stage} QLabel[role="warning"],
    {stage} QPushButton, {stage} QToolButton, {stage} QLineEdit, {stage} QComboBox, {stage} QAbstractSpinBox,
    {stage} QMenu, {stage} QToolTip {{ font-size: {px(16)}px; }}
    {stage} QLabel[role="title"] {{ font-size: {px(18)}px; }}
    {stage} QLabel[role="strong"] {{ font-size: {px(18)}px; }}
    QWidget#stageBar, QWidget#stageTransport {{ background: {c["panel"]}; }}
    QFrame#equationChannel QPushButton {{ padding: {px(2)}px; }}
    QFrame#stageBelow QPushButton {{ padding: {px(3)}px {px(9)}px; }}
    QWidget#stageBar QToolButton[flat="true"] {{ padding: {px(5)}px {px(7)}px; }}
    QWidget#stageBar {{ border-bottom: 1px solid {c["line"]}; }}
    QWidget#stageTransport {{ border-top: 1px solid {c["line"]}; }}
    {stage} QToolButton[chip="true"] {{ border-radius: {px(16)}px; padding: {px(5)}px {px(10)}px; font-weight: 600; }}
    """
