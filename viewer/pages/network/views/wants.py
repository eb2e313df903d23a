"""What a filter wants: the patches that it answers most to, and an input that is made to please it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PyQt6.QtCore import QPoint, QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from viewer import theme
from viewer.pages.learned.views.pictures import CAPTION, PictureBox, PictureCache, fitted
from viewer.pages.network.views.below import BelowView
from viewer.painting import Bytes
from viewer.widgets import Label, Message, SpinBox, ToolButton, blocked, describe, filled
from viewer.widgets.base import SpotToolTip
from viewer.widgets.labels import ElidedLabel
from viewer.widgets.progress import Progress

TILE, LINE, GAP, BESIDE = 56, 18, 8, 190
LARGEST_TILE, MADE, LEAST, LARGEST = 92, 168, 72, 300
FEWEST_ACROSS = 4
MOST_SEEDS = 9999


class FoundPatch(msgspec.Struct, frozen=True, eq=False):
    """A patch (h, w) or (h, w, 3) that a filter answers strongly to, how strongly, and where it was found."""

    picture: Bytes
    value: str
    origin: str


class MadeInput(msgspec.Struct, frozen=True, eq=False):
    """An input that was made to please a filter; `picture` is None until it is there."""

    picture: Bytes | None
    sentence: str
    seed: int
    is_busy: bool = False


class PatchGrid(SpotToolTip, QWidget):
    """Patches in lines, the strongest first."""

    def __init__(self) -> None:
        super().__init__()
        tip = self.tr("What the filter sees where it answers most, the strongest first")
        describe(self, "strongestPatches", self.tr("Strongest patches"), tip)
        self.patches: tuple[FoundPatch, ...] = ()
        self._pictures = PictureCache(64)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_patches(self, patches: Sequence[FoundPatch]) -> None:
        """Show these; those for which there is no room are left out at the end."""
        self.patches = tuple(patches)
        self.setAccessibleDescription("; ".join(f"{each.value}, {each.origin}" for each in patches))
        self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(TILE), theme.px(TILE + LINE))

    def places(self) -> list[QRect]:
        """Where the patches stand: as large as lets all of them fit, from `TILE` to `LARGEST_TILE`."""
        gap, line, least, largest = theme.px(GAP), theme.px(LINE + GAP), theme.px(TILE), theme.px(LARGEST_TILE)
        most = max(1, (self.height() + gap) // (least + line))
        largest = min(largest, (self.width() + gap) // FEWEST_ACROSS - gap)
        for lines in range(1, most + 1):
            side = max(least, min((self.height() + gap) // lines - line, largest))
            across = max(1, (self.width() + gap) // (side + gap))
            if across * lines >= len(self.patches):
                break
        return [
            QRect(number % across * (side + gap), number // across * (side + line), side, side)
            for number in range(min(len(self.patches), across * lines))
        ]

    def tip_at(self, spot: QPoint) -> tuple[str, QRect] | None:
        for patch, place in zip(self.patches, self.places(), strict=False):
            if place.contains(spot):
                return f"{patch.value}, {patch.origin}", place
        return None

    def paintEvent(self, event: QPaintEvent | None) -> None:
        colours, painter = theme.palette(), QPainter(self)
        painter.setFont(theme.font(11.5))
        for patch, place in zip(self.patches, self.places(), strict=False):
            self._pictures.draw(painter, patch.picture, fitted(patch.picture, place))
            painter.setPen(colours.text)
            line = QRect(place.left(), place.bottom() + 1, place.width(), theme.px(LINE))
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, patch.value)


class WantsView(BelowView):
    """Found at the left, made at the right; ``folder_requested``, ``seed_chosen(seed)``, ``again_requested``."""

    folder_requested = pyqtSignal()
    seed_chosen = pyqtSignal(int)
    again_requested = pyqtSignal()
    cancel_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        describe(self, "wantsView", self.tr("What does the filter want?"), "")
        self.message = Message("wantsMessage")
        self._make_found()
        self._make_made()
        self._parts = QWidget()
        self._row = filled(QHBoxLayout(self._parts), self._found, 1, self._made)
        filled(QVBoxLayout(self), self.message, self._parts, 1)
        self.show_made(MadeInput(None, "", 0))
        self.show_again(False)
        theme.follow(self._resize)

    def _make_found(self) -> None:
        self.heading, self.source = Label(self.tr("Strongest patches"), "title"), ElidedLabel("muted")
        self.source.setObjectName("wantsSource")
        self.folder = ToolButton(
            "wantsFolderButton", self.tr("Choose the folder of pictures"),
            self.tr("Look for the strongest patches in the pictures of a folder"),
            text=self.tr("Folder…"), icon_name="folder-open",
        )  # fmt: skip
        self.patches, self.refusal = PatchGrid(), Message("patchesMessage")
        self.searching = Progress("patches", self.tr("Pictures searched"), self.tr("Stop searching"))
        head = filled(QHBoxLayout(), self.heading, self.source, 1, self.searching, self.folder, spacing=theme.px(8))
        self._found = QWidget()
        self._found_column = filled(QVBoxLayout(self._found), head, self.refusal, self.patches, 1)
        self.folder.clicked.connect(self.folder_requested)
        self.searching.cancel_requested.connect(self.cancel_requested)

    def _make_made(self) -> None:
        tr = self.tr
        self.title = Label(tr("Made to please it"), "title")
        tip = tr("An input that gradient ascent made so that the filter answers as strongly as it can")
        self.picture = PictureBox("madeInput", tr("Synthesised input"), tip, "", side=MADE)
        self.seed_label = Label(tr("Seed"))
        self.seed = SpinBox("wantsSeed", tr("Seed"), tr("Of the noise that it begins with"), maximum=MOST_SEEDS)
        self.seed_label.setBuddy(self.seed)
        self.again = ToolButton("wantsAgainButton", tr("Again"), tr("Look and make again"), text=tr("Again"))
        self.making = Progress("made", tr("Steps done"), tr("Stop making"))
        self.sentence = Label("", "muted", name="madeSentence", wraps=True)
        seeds = filled(QHBoxLayout(), self.seed_label, self.seed, self.again, spacing=theme.px(6))
        seeds.addStretch(1)
        self._beside = filled(QVBoxLayout(), seeds, self.making, self.sentence)
        self._beside.addStretch(1)
        self._made = QWidget()
        row = filled(QHBoxLayout(), self.picture, self._beside, 1, spacing=theme.px(12))
        row.setAlignment(self.picture, Qt.AlignmentFlag.AlignTop)
        self._made_column = filled(QVBoxLayout(self._made), self.title, row, 1)
        self.seed.valueChanged.connect(self.seed_chosen)
        self.again.clicked.connect(self.again_requested)
        self.making.cancel_requested.connect(self.cancel_requested)

    # Setters --------------------------------------------------------------------------------------------------

    def show_source(self, source: str, *, has_folder: bool) -> None:
        """Say where the patches come from, and whether a folder can be chosen."""
        self._parts.show()
        self.message.clear()
        self.source.setText(source)
        self.folder.setVisible(has_folder)

    def show_patches(self, patches: Sequence[FoundPatch], refusal: str = "", *, is_busy: bool = False) -> None:
        """Show what was found, or say why nothing was."""
        self.refusal.show_error(refusal)
        self.searching.setVisible(is_busy)
        self.patches.show_patches(patches)

    def show_made(self, made: MadeInput) -> None:
        """Show what was made; while it is being made it can be stopped."""
        self.picture.show_picture(made.picture)
        self.sentence.setText(made.sentence)
        with blocked(self.seed):
            self.seed.setValue(made.seed)
        self.making.setVisible(made.is_busy)

    def show_again(self, visible: bool) -> None:
        """Offer to look and to make again, where something was stopped."""
        self.again.setVisible(visible)

    def show_reason(self, sentence: str) -> None:
        """Say why there is nothing to show."""
        self._parts.hide()
        self.message.show_hint(sentence)

    def _resize(self) -> None:
        self._row.setSpacing(theme.px(24))
        for column in (self._found_column, self._made_column, self._beside):
            column.setSpacing(theme.px(8))
        self.resize_to_theme()

    def share_room(self) -> None:
        """The input that was made as large as there is room for, without its fellows at the left giving up theirs."""
        high = self.height() - theme.px(12 + 18 + 8 + CAPTION + 12)
        side = max(theme.px(LEAST), min(high, theme.px(LARGEST), self.width() // 4))
        self.picture.resize_to(side)
        self._made.setFixedWidth(side + theme.px(12) + min(theme.px(BESIDE), self.width() // 4))
