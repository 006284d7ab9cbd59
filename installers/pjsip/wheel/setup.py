"""Makes a wheel of PJSIP's Python binding; build.sh says by environment where everything is.

It takes the place of the wheel from PyPI, so it bears its name; the local part of the version tells
them apart.
"""

import os
import shlex

from setuptools import Extension, setup

setup(
    name="pjsua2-python",
    version=f"{os.environ['PJSIP_VERSION']}+lines",
    license="GPL-2.0-or-later",
    packages=["pjsua2"],
    ext_modules=[
        Extension(
            "pjsua2._pjsua2",
            [os.environ["PJSIP_WRAPPER"]],
            extra_compile_args=[*shlex.split(os.environ["PJSIP_CFLAGS"]), "-O1", "-g0"],
            extra_link_args=[*shlex.split(os.environ["PJSIP_LDFLAGS"]), "-s"],
            language="c++",
        )
    ],
)
