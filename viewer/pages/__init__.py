"""The workspaces: of each its views, what controls them, and what they ask to be computed."""
