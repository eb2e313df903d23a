"""Compile `kernels.compiled._core` while the package is installed or built.

Without a C compiler, or with one that does not know what GCC and Clang do, the package is the same without it: NumPy
and OpenCV then do all of the work. ``python hatch_build.py`` compiles it in this checkout, and says what went wrong.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

from setuptools import Distribution, Extension
from setuptools.command.build_ext import build_ext

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # called by hand
    BuildHookInterface = object

OPTIONS = ("-std=c11", "-O3", "-Wall", "-Wextra", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math")


def compile_core(root: Path) -> Path:
    """Compile in place and return the path of the module; raises whatever the compiler's failure raises."""
    folder = root / "kernels" / "compiled"
    spec = importlib.util.spec_from_file_location("compiled", folder / "__init__.py")
    compiled = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(compiled)
    extension = Extension(
        "kernels.compiled._core",
        [str(path) for path in compiled.sources() if path.suffix == ".c"],
        define_macros=[("SOURCES", f"{compiled.mark()}UL")],
        extra_compile_args=list(OPTIONS),
        depends=[str(path) for path in compiled.sources()],
    )
    command = build_ext(Distribution({"name": "kernelscope", "ext_modules": [extension]}))
    command.build_lib, command.build_temp, command.force = str(root), str(root / "build" / "compiled"), True
    command.ensure_finalized()
    command.run()
    return root / command.get_ext_filename("kernels.compiled._core")


class CompiledCore(BuildHookInterface):
    """Puts the module into the wheel, which is then one for this system; in a checkout it stays beside its sources."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile; a wheel for every system is built where that fails."""
        root = Path(self.root)
        try:
            path = compile_core(root)
        except (Exception, SystemExit) as error:
            self.app.display_warning(f"the compiled core is left out: {error}")
            return
        build_data["pure_python"], build_data["infer_tag"] = False, True
        build_data["artifacts"].append(path.relative_to(root).as_posix())


if __name__ == "__main__":
    sys.stdout.write(f"{compile_core(Path(__file__).resolve().parent)}\n")
