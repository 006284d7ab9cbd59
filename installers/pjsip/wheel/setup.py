"""Makes a wheel of PJSIP's Python binding; build.sh says by environment where everything is.

It takes the place of the wheel from PyPI, so it bears its name; the local part of the version tells
them apart.
"""

import os
import shlex
from pathlib import Path

from setuptools import Extension, setup

NATIVE = Path(os.environ["PJSIP_NATIVE"])
"""The call's sound without the interpreter."""

setup(
    name="pjsua2-python",
    version=f"{os.environ['PJSIP_VERSION']}+lines",
    license="GPL-2.0-or-later",
    packages=["pjsua2"],
    ext_modules=[
        Extension(
            "pjsua2._pjsua2",
            [os.environ["PJSIP_WRAPPER"], *map(str, sorted(NATIVE.glob("*.cpp")))],
            include_dirs=[str(NATIVE)],
            extra_compile_args=[*shlex.split(os.environ["PJSIP_CFLAGS"]), "-O1", "-g0"],
            extra_link_args=[*shlex.split(os.environ["PJSIP_LDFLAGS"]), "-s"],
            language="c++",
        )
    ],
)
