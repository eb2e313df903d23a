"""The Network workspace: a digit is drawn, every stage answers, and why it said so."""
