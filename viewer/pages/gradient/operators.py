"""The operators to choose from, the kernel in the editor among them, and why that may not be one. No Qt."""

from __future__ import annotations

from kernels.gradients.operators import resolve
from kernels.kernel import Kernel
from viewer.document import GradientOptions

KERNEL = "kernel"
"""The operator made of the kernel in the editor and its transpose."""
ADVICE = "choose “As written”, or a kernel that takes differences, such as Sobel."


def operator_of(options: GradientOptions, kernel: Kernel | None) -> str | Kernel:
    """The operator as `kernels.gradient` takes it.

    Raises
    ------
    ValueError
        For the reader of the window: the kernel in the editor is no gradient operator.
    """
    if options.operator == KERNEL:
        return checked(kernel, options.scaling)
    return with_sigma(options.operator, options.derivative_sigma)


def with_sigma(name: str, sigma: float) -> str:
    """A named operator; the Gaussian derivative with its width."""
    return f"gaussian(sigma={sigma:.6g})" if name == "gaussian" else name


def checked(kernel: Kernel | None, scaling: str, advice: str = ADVICE) -> Kernel:
    """The kernel in the editor, if it can be an operator; errors as `operator_of`, with `advice` about the scaling."""
    if kernel is None:
        raise ValueError("There is no kernel in the editor.")
    if kernel.channels is not None:
        raise ValueError(
            f"The kernel in the editor has weights of its own for each of {kernel.channels} channels; open the luma or "
            f"one channel of the filter, or choose another operator."
        )
    try:
        resolve(kernel).scaled(scaling)
    except ValueError as error:
        name = f"“{kernel.name}”" if kernel.name else "The kernel in the editor"
        raise ValueError(
            f"{name} gives 0 where the brightness grows evenly, so its values cannot be brought to a slope per pixel; "
            f"{advice}"
        ) from error
    return kernel
