"""The main window's frame: tool bar, workspaces, status row, list of actions."""
