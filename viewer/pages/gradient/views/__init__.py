"""The Gradient workspace: options at the left, the gradient's panes, learned filters at the right."""
