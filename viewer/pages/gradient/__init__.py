"""The Gradient workspace: the gradient of the picture, beside the learned filters."""
