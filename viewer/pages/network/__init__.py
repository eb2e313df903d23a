"""The Network workspace: a picture is given to networks, and what they make of it is shown."""
