"""What is seen of it: the dialog and its parts."""
