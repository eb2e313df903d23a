"""The ways to compute a correlation, and the plan that chooses among them.

Every backend is given weights that are already rotated, and rows that are already padded or, for the compiled core,
where each line with its padding comes from; it knows no borders and no convolution. What OpenCV and NumPy compute is
the sum of products, before divisor and offset.
"""
