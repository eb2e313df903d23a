"""The ways to compute a correlation, and the plan that chooses among them.

Every backend is given rows that are already padded and weights that are already rotated; it knows no borders and no
convolution. Its result is the sum of products, before divisor and offset.
"""
