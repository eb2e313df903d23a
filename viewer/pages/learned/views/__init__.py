"""The filters of a network: tiles, the selected filter's card, and what can be done with it."""

from viewer.pages.learned.views.panel import LearnedPanel
from viewer.pages.learned.views.pictures import MatchRow
from viewer.pages.learned.views.tiles import Tile

__all__ = ["LearnedPanel", "MatchRow", "Tile"]
