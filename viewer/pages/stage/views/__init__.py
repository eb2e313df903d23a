"""What the Stage is made of."""
