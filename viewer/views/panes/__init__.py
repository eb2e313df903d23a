"""Pictures on the screen: linked panes with crosshair, values and titles."""

from viewer.views.panes.link import PaneLink
from viewer.views.panes.overlay import Overlay
from viewer.views.panes.pair import PanesView
from viewer.views.panes.pane import PicturePane
from viewer.views.panes.sheet import Sheet, make_sheet

__all__ = ["Overlay", "PaneLink", "PanesView", "PicturePane", "Sheet", "make_sheet"]
