"""Plots of training, weights and functions, drawn with matplotlib (the extra `plots`).

Every function draws on the Axes it is given as `ax`, or on one of its own, and returns it;
none shows a window. They take what training leaves behind: histories, models, snapshots.

>>> from viz import plots
>>> ax = plots.curves({"loss": [0.9, 0.5, 0.4], "val_loss": [1.0, 0.6, 0.7]})
>>> ax.get_ylabel()
'loss'
"""

from viz.plots.boundary import decision_boundary
from viz.plots.curves import curves, update_ratios
from viz.plots.film import Film
from viz.plots.functions import activation_functions, tangent
from viz.plots.layers import gradient_flow, histograms
from viz.plots.network import network
from viz.plots.timeline import timeline

__all__ = [
    "Film",
    "activation_functions",
    "curves",
    "decision_boundary",
    "gradient_flow",
    "histograms",
    "network",
    "tangent",
    "timeline",
    "update_ratios",
]
