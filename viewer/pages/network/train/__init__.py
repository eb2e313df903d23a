"""The Train side of the Network workspace: a network learns on screen."""
