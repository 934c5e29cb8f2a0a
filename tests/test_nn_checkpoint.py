"""Checkpoints: a run goes on as if it had never stopped; all of it or nothing is loaded."""

import json
import math
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nn import (
    MLP,
    Adam,
    Dropout,
    FormatError,
    Linear,
    Sequential,
    StateError,
    cross_entropy,
    load_checkpoint,
    save_checkpoint,
)
from nn.strict_json import dumps, loads

DATA = [([0.0, 0.0], 0), ([0.0, 1.0], 1), ([1.0, 0.0], 1), ([1.0, 1.0], 0)]


class Momentum:
    """A small optimiser that can give and take its state."""

    def __init__(self, model: MLP, lr: float = 0.1) -> None:
        self.model, self.lr = model, lr
        self.velocity = [0.0] * len(model.parameters())

    def step(self) -> None:
        pairs = zip(self.model.parameters(), self.velocity, strict=True)
        self.velocity = [0.9 * v + p.grad for p, v in pairs]
        for p, v in zip(self.model.parameters(), self.velocity, strict=True):
            p.data -= self.lr * v

    def zero_grad(self) -> None:
        self.model.zero_grad()

    def state_dict(self) -> dict[str, Any]:
        return {"lr": self.lr, "velocity": tuple(self.velocity)}

    def load_state_dict(self, state: Any) -> None:
        if set(state) != {"lr", "velocity"} or len(state["velocity"]) != len(self.velocity):
            raise ValueError("not the state of this optimiser")
        self.lr, self.velocity = state["lr"], list(state["velocity"])


class Run:
    """A training run with everything that has a state."""

    def __init__(self, seed: int, optimiser: Any = Momentum) -> None:
        self.generator = random.Random(seed)
        self.model = MLP(2, [4, 2], "tanh", seed=self.generator)
        self.optimiser = optimiser(self.model)
        self.epoch = 0

    def train(self, epochs: int) -> None:
        for _ in range(epochs):
            order = list(DATA)
            self.generator.shuffle(order)
            for x, y in order:
                loss = cross_entropy(self.model(x), y)
                self.optimiser.zero_grad()
                loss.backward()
                self.optimiser.step()
            # Leaves half a pair of normal numbers in the generator.
            self.optimiser.lr = 0.1 + 0.01 * self.generator.gauss(0.0, 1.0)
            self.epoch += 1

    def parts(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "optimiser": self.optimiser,
            "generator": self.generator,
        }

    def state(self) -> list[Any]:
        return [
            self.model.get_vector(),
            self.optimiser.state_dict(),
            self.generator.getstate(),
        ]


def adam(model: MLP) -> Any:
    if not hasattr(Adam, "state_dict"):
        pytest.skip("Adam gives no state")
    return Adam(model.parameters(), lr=0.05)


@pytest.mark.parametrize("optimiser", [Momentum, adam])
def test_a_resumed_run_is_the_uninterrupted_one_bit_by_bit(
    tmp_path: Path, optimiser: Any
) -> None:
    whole = Run(0, optimiser)
    whole.train(7)

    first = Run(0, optimiser)
    first.train(3)
    save_checkpoint(tmp_path / "run.json", **first.parts(), epoch=first.epoch)
    second = Run(1, optimiser)
    second.train(1)
    second.epoch = load_checkpoint(tmp_path / "run.json", **second.parts())["epoch"]
    second.train(4)

    assert second.state() == whole.state()
    assert second.epoch == 7


def test_a_checkpoint_without_one_of_its_parts_would_not_do(tmp_path: Path) -> None:
    whole = Run(0)
    whole.train(5)
    first = Run(0)
    first.train(2)
    save_checkpoint(tmp_path / "run.json", **first.parts())
    for name in first.parts():
        second = Run(1)
        second.train(2)
        load_checkpoint(
            tmp_path / "run.json", **{k: v for k, v in second.parts().items() if k != name}
        )
        second.train(3)
        assert second.state() != whole.state()


def test_plain_data_comes_back_as_it_was(tmp_path: Path) -> None:
    parts = {
        "epoch": 3,
        "history": {"loss": [0.5, 0.25], "best": -math.inf, "none": None, "on": True},
        "betas": (0.9, (0.999, [1])),
        "big": 2**200,
        "text": 'a "quoted" ☃',
    }
    save_checkpoint(tmp_path / "run.json", **parts)

    assert load_checkpoint(tmp_path / "run.json") == parts


TEXT = st.text('a $"\\é☃\n', max_size=3)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(
            st.text().filter(lambda key: not key.startswith("$")), inner, max_size=3
        )
    ),
    max_leaves=10,
)


@settings(max_examples=50)
@given(PLAIN)
def test_all_plain_data_comes_back(thing: Any) -> None:
    found = loads(dumps(thing), tags=True)

    assert found == thing
    assert repr(found) == repr(thing)


def test_nan_comes_back() -> None:
    assert math.isnan(loads(dumps(math.nan), tags=True))


@pytest.mark.parametrize("depth", [1, 20])
def test_every_part_inside_a_network_has_its_state(tmp_path: Path, depth: int) -> None:
    dropout = Dropout(0.5, seed=depth)
    model = Sequential(Linear(2, 2), dropout)
    save_checkpoint(tmp_path / "run.json", model=model, dropout=dropout.generator)
    expected = dropout([1.0] * 20)
    load_checkpoint(tmp_path / "run.json", model=model, dropout=dropout.generator)

    assert dropout([1.0] * 20) == expected


# -- all or nothing -----------------------------------------------------------------------


class Stubborn:
    """Something that takes no state but its own old one."""

    def state_dict(self) -> dict[str, Any]:
        return {"old": True}

    def load_state_dict(self, state: Any) -> None:
        if state != {"old": True}:
            raise ValueError("will not")


def broken(tmp_path: Path, **changes: Any) -> tuple[Run, Path, list[Any]]:
    """Return a run, a checkpoint that does not fit it, and how the run was."""
    run = Run(0)
    run.train(2)
    path = tmp_path / "run.json"
    save_checkpoint(path, **{**run.parts(), **changes})
    run.train(1)
    return run, path, run.state()


@pytest.mark.parametrize(
    ("changes", "error", "text"),
    [
        ({"model": {"layers.0.weight": [[1.0]]}}, StateError, "the weights do not fit"),
        ({"model": 3}, TypeError, "a state dict must be a dict"),
        ({"generator": (3, (1, 2), None)}, FormatError, "generator is no state of a generator"),
        ({"generator": 3}, FormatError, "generator is no state of a generator"),
        ({"optimiser": {"lr": 1.0}}, ValueError, "not the state of this optimiser"),
        ({"schedule": {"new": 1}}, ValueError, "will not"),
    ],
)
def test_one_part_that_does_not_fit_leaves_all_as_they_were(
    tmp_path: Path, changes: dict[str, Any], error: type[Exception], text: str
) -> None:
    run, path, before = broken(tmp_path, **{"schedule": {"old": True}, **changes})
    with pytest.raises(error, match=text):
        load_checkpoint(path, **run.parts(), schedule=Stubborn())

    assert run.state() == before


def test_mistakes_are_told(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    save_checkpoint(path, epoch=3)
    with pytest.raises(FormatError, match=r"run\.json has no part 'model'; it has epoch"):
        load_checkpoint(path, model=Linear(1, 1))
    with pytest.raises(TypeError, match=r"epoch cannot take a state: 3 \(int\)"):
        load_checkpoint(path, epoch=3)
    for thing, text in (
        ({1: 2}, r"keys must be texts .* but it\['x'\] has 1 \(int\)"),
        ({"$a": 2}, r"keys must be texts that do not begin with '\$'"),
        ([1, {2}], r"but it\['x'\]\[1\] is \{2\} \(set\)"),
    ):
        with pytest.raises(TypeError, match=text):
            save_checkpoint(path, x=thing)

    assert load_checkpoint(path) == {"epoch": 3}


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda text: text.replace("3", "4"), "its checksum is that of another run"),
        (lambda text: text[:-3], "it is no JSON"),
        (
            lambda text: text.replace("checkpoint", "weights"),
            'no "format": "wengert checkpoint"',
        ),
        (lambda text: text.replace('"version": 1', '"version": 9'), "it is of version 9"),
        (lambda text: text.replace('"parts"', '"part"'), "it has other parts than it should"),
        (
            lambda text: text.replace('{"epoch": 3}', "[]"),
            r"its parts must be an object, got \[\]",
        ),
        (
            lambda text: text.replace("3", '{"$list": 3}'),
            r"an object of '\$list' means nothing",
        ),
        (lambda text: text.replace("3", '{"$float": "1.0"}'), "means nothing"),
    ],
)
def test_a_changed_file_is_refused(tmp_path: Path, change: Any, text: str) -> None:
    path = tmp_path / "run.json"
    save_checkpoint(path, epoch=3)
    text_before = path.read_text("ascii")
    assert json.loads(text_before)["parts"] == {"epoch": 3}
    head, _, body = text_before.partition("\n")
    # The checksum, too, is made of digits.
    whole = change(body) if change(body) != body else None
    path.write_text(f"{head}\n{whole}" if whole else f"{change(head)}\n{body}", "ascii")
    with pytest.raises(FormatError, match=rf"^run\.json cannot be read: .*{text}"):
        load_checkpoint(path)
