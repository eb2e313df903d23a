"""The named kernels, a module for each family; `kernels.kernel.library` puts them together."""
