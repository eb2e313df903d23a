"""The package's public names: the contract's, and imported only when they are used."""

import os
import subprocess
import sys
import types

import pytest


def test_the_contracts_functions() -> None:
    import kernels
    from kernels import correlate
    from kernels.filtering import engine, geometry, reference, tracing

    assert kernels.correlate is correlate is engine.correlate
    assert kernels.convolve is engine.convolve
    assert kernels.output_shape is geometry.output_shape
    assert kernels.trace is tracing.trace
    assert kernels.reference is reference
    modules = {name for name in kernels.__all__ if isinstance(getattr(kernels, name), types.ModuleType)}
    assert modules == {"cnn", "library", "reference"}
    assert all(callable(getattr(kernels, name)) for name in set(kernels.__all__) - modules)
    assert {
        "Kernel",
        "correlate",
        "convolve",
        "output_shape",
        "trace",
        "gradient",
        "library",
        "reference",
        "cnn",
    } <= set(dir(kernels))


def test_the_version_is_the_installed_packages() -> None:
    from importlib.metadata import version

    import kernels

    assert kernels.__version__ == version("kernelscope")


def test_an_unknown_name_is_an_attribute_error() -> None:
    import kernels

    with pytest.raises(AttributeError, match="no attribute 'corelate'"):
        kernels.corelate  # type: ignore[attr-defined]  # noqa: B018


def test_heavy_libraries_wait_until_they_are_needed() -> None:
    check = (
        "import sys, kernels; assert 'numpy' not in sys.modules\n"
        "from kernels import correlate, trace, Kernel\n"
        "assert not {'cv2', 'scipy.signal', 'scipy.fft', 'scipy.ndimage'} & set(sys.modules)\n"
        "correlate([[1]], Kernel([[2, 3], [4, 5]]))\n"
        "import os; assert 'QT_QPA_PLATFORM_PLUGIN_PATH' not in os.environ and 'QT_QPA_FONTDIR' not in os.environ\n"
        "assert 'cv2' in sys.modules\n"
    )
    clean = {name: value for name, value in os.environ.items() if not name.startswith("QT_")}
    subprocess.run([sys.executable, "-c", check], check=True, env=clean)
