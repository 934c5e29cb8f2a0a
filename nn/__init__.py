"""Neurons, layers and networks made of scalar weights, and what trains them.

>>> import random
>>> from nn import MLP, SGD
>>> model = MLP(2, [4, 1], activation="tanh", generator=random.Random(0))
>>> optimiser = SGD(model.parameters(), lr=0.1)
>>> losses = []
>>> for _ in range(20):
...     loss = (model([0.5, -1.0]) - 1.0) ** 2
...     optimiser.zero_grad()
...     loss.backward()
...     optimiser.step()
...     losses.append(loss.data)
>>> losses[-1] < 1e-3 < losses[0]
True
"""

from nn import init
from nn.checkpoint import load_checkpoint, save_checkpoint
from nn.elementwise import (
    ELU,
    GELU,
    SELU,
    Elementwise,
    LeakyReLU,
    LogSigmoid,
    ReLU,
    Sigmoid,
    SiLU,
    Softplus,
    Softsign,
    Tanh,
)
from nn.errors import FormatError, StateError
from nn.layers import MLP, Layer, Neuron
from nn.losses import cross_entropy
from nn.module import Module
from nn.norms import Dropout, LayerNorm, RMSNorm
from nn.onnx_file import export_onnx
from nn.optim import SGD, Adam
from nn.parameter import Parameter
from nn.sensitivity import sensitivity
from nn.sequential import Sequential
from nn.state import LoadReport
from nn.tables import Embedding, Linear
from nn.transfer import load_torch_state_dict, replace_head, torch_state_dict
from nn.weights import load_weights, read_weights, save_weights

__all__ = [
    "ELU",
    "GELU",
    "MLP",
    "SELU",
    "SGD",
    "Adam",
    "Dropout",
    "Elementwise",
    "Embedding",
    "FormatError",
    "Layer",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LoadReport",
    "LogSigmoid",
    "Module",
    "Neuron",
    "Parameter",
    "RMSNorm",
    "ReLU",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softplus",
    "Softsign",
    "StateError",
    "Tanh",
    "cross_entropy",
    "export_onnx",
    "init",
    "load_checkpoint",
    "load_torch_state_dict",
    "load_weights",
    "read_weights",
    "replace_head",
    "save_checkpoint",
    "save_weights",
    "sensitivity",
    "torch_state_dict",
]
