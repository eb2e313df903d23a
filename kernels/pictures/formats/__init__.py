"""Decoders of picture files, one module per way of reading; `kernels.pictures.reading` chooses among them."""
