"""The kernel: its weights, its text and files, and the catalogue of the named ones."""

from __future__ import annotations

from kernels.kernel.kernel import Kernel, default_range

__all__ = ["Kernel", "default_range"]
