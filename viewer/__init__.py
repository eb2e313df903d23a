"""The window of Kernelscope: it shows what the package ``kernels`` computes."""
