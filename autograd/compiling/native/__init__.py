"""Native code: programs as LLVM, a batch of samples in the lanes of vectors.

Needs the extra `native`. Importing a file of this folder does not load llvmlite; using it does.
"""
