"""The Filter workspace: kernel, sliding, panes, levels, arithmetic."""
