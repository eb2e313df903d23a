from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QWidget
from viewer.panes.link import PaneLink
class GradientPage(QObject):
    name = "gradient"
    def __init__(self, river, settings, dialogs, parent):
        super().__init__(parent)
        self.widget=QWidget()
        self.link=PaneLink(self)
    def paint(self, old, new): pass
    def render(self, old, new): pass
    def facts(self, m): return ""
    def saveable(self, m): return None
    def fold(self, f): pass
    def show_progress(self, p, f): pass
    def intents(self): return []
    def join(self, *a): pass
    def focus(self): pass
