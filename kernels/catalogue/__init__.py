"""The named kernels, a module for each family; `kernels.library` puts them together."""
