"""How fast, and how big: each file here answers one question about the engine.

Not part of the installed packages. From the top of the repository:
`python -m benchmarks`.
"""
