"""The Filter workspace: where its panels stand."""
