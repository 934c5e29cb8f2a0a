"""Programs from tapes: recorded once, simplified, and run as Python or as native code."""
