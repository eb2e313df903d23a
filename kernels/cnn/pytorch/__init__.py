"""Networks as PyTorch takes them: weights under its names, and the model as source."""
