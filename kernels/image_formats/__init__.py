"""Decoders of picture files, one module per way of reading; `kernels.image_files` chooses among them."""
