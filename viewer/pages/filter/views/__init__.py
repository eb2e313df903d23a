"""Passive views of the Filter workspace: setters in, signals of intent out."""
