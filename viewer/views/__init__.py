"""Passive widgets: setters in, intent signals out."""
