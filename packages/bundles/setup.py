"""Builds native.pyx; without a compiler the package is installed all the same."""

from Cython.Build import cythonize
from setuptools import Extension, setup

NATIVE = Extension(
    "relevo_bundles.native",
    ["src/relevo_bundles/native.pyx"],
    # -O3 is hardly faster here, Python's own -g doubles the time that a person waits.
    extra_compile_args=["-O2", "-g0"],
)
(native,) = cythonize(NATIVE, build_dir="build")
native.optional = True  # cythonize forgets what the Extension was told

setup(ext_modules=[native])
