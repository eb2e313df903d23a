"""Pictures on the screen: linked panes with crosshair, values and titles."""

from viewer.panes.link import PaneLink
from viewer.panes.overlay import Overlay
from viewer.panes.pair import PanesView
from viewer.panes.pane import PicturePane
from viewer.panes.sheet import Sheet, make_sheet

__all__ = ["Overlay", "PaneLink", "PanesView", "PicturePane", "Sheet", "make_sheet"]
