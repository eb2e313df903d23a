"""The bar above the Stage: where to go, the picture, the kernel, and how it slides, each one click to change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from PyQt6.QtCore import QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QContextMenuEvent, QFontMetricsF, QKeyEvent, QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QMenu, QWidget

from kernels.kernel.catalogue.entry import Parameter
from viewer import theme
from viewer.pages.filter.views.kernel.presets import PresetCombo
from viewer.pages.filter.views.sliding import choices
from viewer.pages.stage.views.parameters import ParametersChip
from viewer.widgets import ToolButton, describe, filled
from viewer.widgets.base import give_way
from viewer.widgets.choices import Choice
from viewer.widgets.menu_button import MenuButton
from viewer.widgets.switch import Switch

HEIGHT = 52
TYPE, CHEVRON_ROOM = 16, 44
PICTURE, WIDE = (112, 260), 1600
"""How wide the name of the picture may be, and from which width of the window on it may be the wider one."""
LONGEST_NAME = 160
STEPS = (1, 2, 3, 4)
MAGNIFIED = 16 / 11
"""How much larger the list of kernels is than elsewhere, where its smallest type has 11 pixels."""


class Chip(ToolButton):
    """A choice on a button: a click takes the next one, the wheel too; right click or Down shows all.

    ``chosen(data)`` carries what the user took.
    """

    chosen = pyqtSignal(object)

    def __init__(self, object_name: str, accessible_name: str, tool_tip: str, items: Iterable[Choice]) -> None:
        super().__init__(object_name, accessible_name, tool_tip)
        self._items = list(items)
        self.data: object = None
        self.setProperty("chip", True)
        self.clicked.connect(lambda: self._take(1))

    def show_data(self, data: object, text: str = "") -> None:
        """Show the choice of `data`, by `text` where that says more than its title."""
        self.data = data
        title = next((title for each, title, _tip in self._items if each == data), "")
        self.setText(text or title)
        self.setAccessibleDescription(self.text())

    def _take(self, step: int) -> None:
        known = [data for data, _title, _tip in self._items]
        place = known.index(self.data) + step if self.data in known else 0
        self.chosen.emit(known[place % len(known)])

    def _show_all(self) -> None:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        for data, title, tip in self._items:
            action = menu.addAction(title)
            action.setToolTip(tip)
            action.setCheckable(True)
            action.setChecked(data == self.data)
            action.triggered.connect(lambda _checked=False, chosen=data: self.chosen.emit(chosen))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mapToGlobal(QPoint(0, self.height())))

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        self._show_all()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event.key() == Qt.Key.Key_Down:
            self._show_all()
        elif Qt.Key(event.key()) in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._take(1 if Qt.Key(event.key()) == Qt.Key.Key_Right else -1)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: Any) -> None:
        if event.angleDelta().y():
            self._take(-1 if event.angleDelta().y() > 0 else 1)
        event.accept()


class ChipBar(QWidget):
    """Workspaces, picture, kernel, operation, padding, border, stride, dilation, Predict, theme, and the way out."""

    workspace_requested = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        tr = self.tr
        describe(self, "stageBar", tr("Stage"), "")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.workspaces = [
            self._workspace(name, title)
            for name, title in (
                ("filter", tr("Filter")), ("gradient", tr("Gradient")), ("layers", tr("Layers")),
                ("network", tr("Network")),
            )
        ]  # fmt: skip
        self._title, self._picture_tip = "", tr("Open a sample picture")
        self.picture = MenuButton("stagePicture", tr("Picture"), self._picture_tip, "", flat=False)
        self.preset = PresetCombo(object_name="stagePreset", magnified=MAGNIFIED)
        self.parameters = ParametersChip()
        more = tr("a click takes the next, a right click shows all")
        self.operation = Chip("stageOperation", tr("Operation"), f"{tr('Operation')}: {more}", choices.operations())
        self.padding = Chip("stagePadding", tr("Padding"), f"{tr('Padding')}: {more}", choices.paddings()[:3])
        self.border = Chip("stageBorder", tr("Border"), f"{tr('Border')}: {more}", choices.borders())
        self.stride = self._steps("stageStride", tr("Stride"), more)
        self.dilation = self._steps("stageDilation", tr("Dilation"), more)
        self.predict = Switch("predictSwitch", tr("Predict"), tr("Ask for each result before it is shown"))
        self.theme = ToolButton("stageTheme", tr("Theme"), tr("Switch between light and dark"),
                                icon_name="sun-moon", flat=True)  # fmt: skip
        self.leave = ToolButton("stageLeave", tr("Leave the Stage"), tr("Leave the Stage"), text=tr("Esc"))
        row = filled(QHBoxLayout(self), *self.workspaces, self.picture, self.preset, self.parameters, self.operation,
                     self.padding, self.border, self.stride, self.dilation)  # fmt: skip
        row.addStretch(1)
        filled(row, self.predict, self.theme, self.leave)
        self._row = row
        theme.follow(self._resize)

    def _workspace(self, name: str, title: str) -> ToolButton:
        button = ToolButton(f"stageTo{title}", title, self.tr("Go to the workspace {name}").format(name=title),
                            text=title, flat=True)  # fmt: skip
        button.clicked.connect(lambda: self.workspace_requested.emit(name))
        return button

    def offer_pictures(self, menu: QMenu | None) -> None:
        """Have what `menu` offers below the button of the picture, in the type of the Stage."""
        _repeat(menu, self.picture.menu())

    def show_kernel(self, key: str, name: str, suffix: str) -> None:
        """Show which kernel is chosen, as ``PresetCombo.show_choice``."""
        self.preset.show_choice(key, name, suffix)
        self._share_room()

    def show_parameters(self, preset: str, parameters: Sequence[Parameter], values: Mapping[str, float]) -> None:
        """Let the parameters of `preset` be changed."""
        self.parameters.show_parameters(preset, parameters, values)
        self._share_room()

    def show_picture(self, title: str) -> None:
        """Show what the open picture is called."""
        self._title = title
        self.picture.setToolTip(f"{title}\n{self._picture_tip}")
        self.picture.setAccessibleName(self.tr("Picture: {title}").format(title=title))
        self._write_title()

    def _write_title(self) -> None:
        """Write the name of the picture; of a long one the middle is left out."""
        most = theme.px(PICTURE[self.width() >= theme.px(WIDE)])
        self.picture.setMaximumWidth(most)
        room = most - theme.px(CHEVRON_ROOM)
        shown = QFontMetricsF(theme.font(TYPE)).elidedText(self._title, Qt.TextElideMode.ElideMiddle, room)
        if shown != self.picture.text():
            self.picture.setText(shown)

    def _steps(self, object_name: str, title: str, more: str) -> Chip:
        items = [((step, step), f"{title} {step}", "") for step in STEPS]
        return Chip(object_name, title, f"{title}: {more}", items)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._share_room()

    def _share_room(self) -> None:
        """Where it is narrow, what has a key gives way, and then what the Filter workspace has too."""
        self._write_title()
        name = QFontMetricsF(theme.font(TYPE)).horizontalAdvance(self.preset.shown_text())
        self.preset.setFixedWidth(min(round(name) + theme.px(CHEVRON_ROOM), theme.px(LONGEST_NAME)))
        parameters = (self.parameters,) if self.parameters.is_offered else ()
        usual_first = sorted((self.dilation, self.stride), key=lambda chip: chip.data != (1, 1))
        options = (*usual_first, self.border, self.padding)
        give_way(self._row, self.width(), (self.theme, *reversed(self.workspaces), *parameters, *options))

    def _resize(self) -> None:
        self.setFixedHeight(theme.px(HEIGHT))
        self._row.setContentsMargins(theme.px(8), 0, theme.px(12), 0)
        self._row.setSpacing(theme.px(4))
        self.preset.setFixedHeight(theme.px(36))
        self._share_room()


def _repeat(menu: QMenu | None, below: QMenu | None) -> None:
    """Offer in `below` what `menu` offers, its icons included."""
    below.setStyle(menu.style())
    for action in menu.actions():
        inner = action.menu()
        if inner is None:
            below.addAction(action)
        else:
            title = inner.title()
            _repeat(inner, describe(below.addMenu(title), f"stage{title.replace(' ', '')}", title, ""))
