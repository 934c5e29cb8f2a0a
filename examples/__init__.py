"""Programs to read and to run: `python examples/iris.py`."""
