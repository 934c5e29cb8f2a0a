"""Neurons, layers and networks made of scalar weights, and what trains them.

>>> from nn import MLP, SGD
>>> model = MLP(2, [4, 1], activation="tanh", seed=0)
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

from nn import (
    data,
    data_iris,
    diagnostics,
    init,
    metrics,
    penalties,
    rules,
    schedules,
)
from nn.batches import Minibatches, standardise, standardiser, train_test_split
from nn.checkpoint import load_checkpoint, save_checkpoint
from nn.class_losses import cross_entropy, multi_margin_loss, nll_loss
from nn.clipping import clip_grad_norm_, clip_grad_value_
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
from nn.losses import (
    bce_with_logits,
    hinge_loss,
    huber_loss,
    kl_div,
    l1_loss,
    mse_loss,
    smooth_l1_loss,
    soft_margin_loss,
)
from nn.metrics import accuracy, predicted_class
from nn.module import Module
from nn.norms import Dropout, LayerNorm, RMSNorm
from nn.onnx_file import export_onnx
from nn.optim import SGD, Adagrad, Adam, AdamW, RMSprop
from nn.optimiser import Optimiser
from nn.parameter import Parameter
from nn.rate_finder import find_lr
from nn.runs import EarlyStopping, History, Run
from nn.sensitivity import sensitivity
from nn.sequential import Sequential
from nn.state import LoadReport
from nn.tables import Embedding, Linear
from nn.training import evaluate, fit, predict
from nn.transfer import load_torch_state_dict, replace_head, torch_state_dict
from nn.weights import load_weights, read_weights, save_weights

__all__ = [
    "ELU",
    "GELU",
    "MLP",
    "SELU",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Dropout",
    "EarlyStopping",
    "Elementwise",
    "Embedding",
    "FormatError",
    "History",
    "Layer",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LoadReport",
    "LogSigmoid",
    "Minibatches",
    "Module",
    "Neuron",
    "Optimiser",
    "Parameter",
    "RMSNorm",
    "RMSprop",
    "ReLU",
    "Run",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softplus",
    "Softsign",
    "StateError",
    "Tanh",
    "accuracy",
    "bce_with_logits",
    "clip_grad_norm_",
    "clip_grad_value_",
    "cross_entropy",
    "data",
    "data_iris",
    "diagnostics",
    "evaluate",
    "export_onnx",
    "find_lr",
    "fit",
    "hinge_loss",
    "huber_loss",
    "init",
    "kl_div",
    "l1_loss",
    "load_checkpoint",
    "load_torch_state_dict",
    "load_weights",
    "metrics",
    "mse_loss",
    "multi_margin_loss",
    "nll_loss",
    "penalties",
    "predict",
    "predicted_class",
    "read_weights",
    "replace_head",
    "rules",
    "save_checkpoint",
    "save_weights",
    "schedules",
    "sensitivity",
    "smooth_l1_loss",
    "soft_margin_loss",
    "standardise",
    "standardiser",
    "torch_state_dict",
    "train_test_split",
]
