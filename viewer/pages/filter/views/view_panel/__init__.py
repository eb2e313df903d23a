"""How the output is looked at: range, histogram with levels, colour map, what is clipped, the read-out."""

from viewer.pages.filter.views.view_panel.panel import ViewPanel

__all__ = ["ViewPanel"]
