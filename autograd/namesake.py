"""HIPS autograd has our import name; whoever has both installed should hear of it."""

import os
import sys
import warnings


def warn_of_namesake() -> None:
    """Warn if the other distribution called `autograd` is installed beside this one.

    Its subpackage `autograd/numpy` tells; ours has none.
    """
    for folder in sys.path:
        if os.path.isdir(os.path.join(folder, "autograd", "numpy")):  # noqa: PTH112, PTH118
            warnings.warn(
                "two distributions share the import name autograd: wengert, imported now, and "
                f"HIPS autograd, distribution `autograd`, in {folder}; install them in "
                "separate environments, or each may see files of the other",
                stacklevel=3,
            )
            return
