"""The filters of a network: tiles, the selected filter's card, and what can be done with it."""

from viewer.views.learned.matches import MatchRow
from viewer.views.learned.panel import LearnedPanel
from viewer.views.learned.tiles import Tile

__all__ = ["LearnedPanel", "MatchRow", "Tile"]
