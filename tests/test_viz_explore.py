"""The step-through page without a browser: its steps, its numbers, its text, its file."""

import base64
import hashlib
import json
import math
import random
import re
from pathlib import Path
from typing import Any

import pytest

import autograd
from autograd import OPERATIONS, Row, Tape, Value, dot, format_number, ieee, logsumexp, total
from nn import MLP
from tests.test_viz_draw import network
from viz import (
    NotAValueError,
    OptionError,
    Page,
    TargetError,
    TooLargeError,
    draw,
    explore,
    graph,
)
from viz.differences import differences
from viz.sentences import slope_rule, with_numbers
from viz.steps import selects, steps
from viz.web import inert
from viz.why import why_zero


def data_of(page: Page) -> Any:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page.html())
    assert found is not None
    return json.loads(found[1])


def random_loss(seed: int) -> tuple[list[Value], Value]:
    """Return labelled leaves and the swept result of a program over them."""
    generator = random.Random(seed)
    leaves = [Value(generator.uniform(-2, 2), label=f"x{k}") for k in range(3)]
    values = list(leaves)
    for _ in range(generator.randrange(4, 12)):
        a, b = generator.choice(values), generator.choice(values)
        values.append(
            generator.choice(
                [
                    lambda a, b: a + b,
                    lambda a, b: a - b,
                    lambda a, b: a * b,
                    lambda a, b: a / (b * b + 1.0),
                    lambda a, b: a.tanh(),
                    lambda a, b: a.relu(),
                    lambda a, b: a.sigmoid() * 2.0,
                    lambda a, b: a * a,
                    autograd.maximum,
                    lambda a, b: dot([a, b], [b, a], a),
                    lambda a, b: logsumexp([a, b, a]),
                ]
            )(a, b)
        )
    loss: Value = total(values[-3:])
    loss.backward()
    return leaves, loss


# -- steps -------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(30))
def test_the_sweep_ends_with_the_engines_gradients(seed: int) -> None:
    _, loss = random_loss(seed)
    rows = loss.tape
    taken, gradients = steps(rows)

    assert gradients == pytest.approx([row.gradient for row in rows], rel=1e-12, abs=1e-300)
    assert [s.row for s in taken if s.kind == "forward"] == [
        r.number for r in rows if r.operands
    ]
    assert [step.kind for step in taken].count("seed") == 1


def test_every_arrow_is_one_step_and_gradients_add_up() -> None:
    x = Value(3.0)
    taken, _ = steps((x * x + x).tape)
    back = [(s.row, s.slot, s.upstream, s.partial, s.added, s.before, s.after)
            for s in taken if s.kind == "backward"]  # fmt: skip

    assert back == [
        (2, 0, 1.0, 1.0, 1.0, None, 1.0),
        (2, 1, 1.0, 1.0, 1.0, None, 1.0),
        (1, 0, 1.0, 3.0, 3.0, 1.0, 4.0),
        (1, 1, 1.0, 3.0, 3.0, 4.0, 7.0),
    ]


def test_a_row_whose_gradient_is_0_is_skipped_as_the_engine_does() -> None:
    x = Value(0.0)
    with ieee():
        out = x.sqrt() * 0.0
        out.backward()
    rows = out.tape
    taken, gradients = steps(rows)

    assert [(s.kind, s.row) for s in taken if s.kind in ("backward", "skip")] == [
        ("backward", 2), ("skip", 1)
    ]  # fmt: skip
    assert gradients == [row.gradient for row in rows] == [0.0, 0.0, 1.0]


def test_an_infinite_gradient_does_not_flow_where_it_was_not_chosen() -> None:
    x, y = Value(0.0), Value(-1.0)
    with ieee():
        out = autograd.maximum(x, y).sqrt()
        out.backward()
    rows = out.tape
    taken, gradients = steps(rows)

    assert [(s.chosen, s.added) for s in taken if s.kind == "backward"] == [
        (True, math.inf), (True, math.inf), (False, 0.0)
    ]  # fmt: skip
    assert gradients == [row.gradient for row in rows]


def test_what_selects_is_what_the_engine_says() -> None:
    for name in (*OPERATIONS, "dot", "total", "amax", "amin", "custom"):
        assert selects(name) == autograd.rows.selects(name)


def test_a_function_of_ones_own_is_a_step_whose_number_is_not_known() -> None:
    x = Value(2.0)
    own = Value(4.0, (x,), "own")
    own._backward = lambda: None
    taken, _ = steps(own.tape)

    assert [(s.partial, s.added, s.after) for s in taken if s.kind == "backward"] == [
        (None, None, None)
    ]
    assert data_of(explore(own))["passes"][0]["steps"][3]["added"] is None


# -- what is said ------------------------------------------------------------------------------


def row_of(value: Value) -> Row:
    return value.tape[-1]


@pytest.mark.parametrize(
    ("make", "numbers", "rule"),
    [
        (lambda a, b: a * b, "(-2) * 3", ("b", "3")),
        (lambda a, b: a - b, "(-2) - 3", ("1", "1")),
        (lambda a, b: a**2, "(-2) ** 2", ("2 * a ** (2 - 1)", "2 * (-2) ** (2 - 1)")),
        (lambda a, b: a.tanh(), "tanh(-2)", ("1 / cosh(a) / cosh(a)", "1 / cosh((-2))")),
        (lambda a, b: a.exp(), "exp(-2)", ("v1", "0.1353")),
        (lambda a, b: total([a, b]), "total(-2, 3)", ("1", "1")),
        (lambda a, b: autograd.mean([a, b]), "mean(-2, 3)", ("1 / 2", "1 / 2")),
        (lambda a, b: dot([a], [b], 1.0), "1 + (-2) * 3", ("b", "3")),
        (lambda a, b: logsumexp([a, b]), "logsumexp(-2, 3)", ("exp(a - v2)", "exp((-2)")),
        (lambda a, b: Value(1.0, (a, b), "own", local_grads=(1, 2)), "own(-2, 3)", ("", "")),
    ],
)  # fmt: skip
def test_formulas_have_names_and_numbers_in_them(
    make: Any, numbers: str, rule: tuple[str, str]
) -> None:
    value = make(Value(-2.0, label="a"), Value(3.0, label="b"))
    names = [row.name for row in value.tape]
    named, numbered = slope_rule(row_of(value), 0, names)

    assert with_numbers(row_of(value)) == numbers
    assert named.startswith(rule[0])
    assert numbered.startswith(rule[1])


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_rule_of_the_table_can_be_said(name: str) -> None:
    operation = OPERATIONS[name]
    moving = [Value(0.7, label=f"n{k}") for k in range(len(operation.partials))]
    method = f"__{name}__".replace("div", "truediv")
    make = getattr(autograd, name, None) or getattr(Value, method)
    with ieee():
        value = make(*moving)
    names = [row.name for row in value.tape]

    for slot in range(len(moving)):
        named, numbered = slope_rule(row_of(value), slot, names)
        assert named
        assert not re.search(r"\b[xy]\b", named)
        assert not re.search(r"\bn\d\b", numbered)


def reason(value: Value, leaf: int = 0) -> str:
    rows = value.tape
    taken, gradients = steps(rows)
    return why_zero(rows, taken, gradients, [row.name for row in rows])[leaf]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda x: x.relu(), "v1 = relu(x) is flat here: x = -2 is not above 0"),
        (lambda x: x * 0.0, "x is multiplied by 0 in v1."),
        (lambda x: x - x, "What comes back to x cancels: 1 + -1 = 0."),
        (lambda x: x.tanh() * 0.0, "The gradient of v1 is 0, so nothing comes back from"),
        (lambda x: (x * 400.0).tanh(), "The gradient of v1 is 0"),
        (lambda x: x.floor(), "v1 = floor(x) is a step"),
        (lambda x: autograd.maximum(x, 1.0), "v1 = maximum(...) did not choose x."),
        (autograd.stop_gradient, "stop_gradient lets nothing back to x."),
        (lambda x: x * 1e-200 * 1e-200, "1e-200 * 1e-200 is smaller than the smallest number"),
    ],
)
def test_a_gradient_of_0_has_its_reason(make: Any, words: str) -> None:
    assert words in reason(make(Value(-2.0, label="x")))


def test_saturation_is_named() -> None:
    out = (Value(-2.0, label="x") * 400.0).tanh()

    assert "v2 = tanh(v1) is saturated: at v1 = -800 its slope rounds to 0." in reason(out, 1)


def test_finite_differences_check_the_gradients() -> None:
    for seed in range(5):
        _, loss = random_loss(seed)
        found = differences(loss.tape)
        assert found is not None
        for row in loss.tape:
            if not row.operands:
                assert found[row.number] == pytest.approx(row.gradient, rel=1e-6, abs=1e-9)


def test_very_long_tapes_are_not_checked() -> None:
    loss = total([Value(1.0) for _ in range(300)])

    assert differences(loss.tape) is None


def test_a_kink_is_seen_by_the_check() -> None:
    data = data_of(explore(Value(0.0).relu()))["passes"][0]

    assert data["differences"][0] == "0.5"
    assert data["verdicts"][0] == "differs"


def test_what_cannot_be_replayed_is_not_checked() -> None:
    own = Value(4.0, (Value(2.0),), "own", local_grads=(2.0,))

    assert data_of(explore(own))["passes"][0]["differences"] == ["", ""]
    with ieee():
        infinite = Value(math.inf) * 2.0
    assert data_of(explore(infinite))["passes"][0]["differences"] == ["nan", ""]
    assert data_of(explore(Value(2.0) * 3.0, check=False))["passes"][0]["verdicts"] == ["", ""]


# -- the file ----------------------------------------------------------------------------------


def test_the_data_are_the_engines_numbers() -> None:
    _, loss = random_loss(1)
    data = data_of(explore(loss))["passes"][0]
    rows = loss.tape

    assert data["values"] == [format_number(row.value) for row in rows]
    assert data["gradients"] == [format_number(row.gradient or 0.0) for row in rows]


def test_the_policy_names_script_and_style_by_their_hashes() -> None:
    html = explore(Value(2.0, label="x") * 3.0).html()

    def hashed(text: str) -> str:
        digest = hashlib.sha256(text.encode()).digest()
        return f"'sha256-{base64.b64encode(digest).decode()}'"

    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    script = re.search(r"<script>(.*?)</script>", html, re.DOTALL)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert style is not None
    assert script is not None
    assert policy is not None
    assert f"script-src {hashed(script[1])};" in policy[1]
    assert f"style-src {hashed(style[1])};" in policy[1]
    assert policy[1].startswith("default-src 'none'; ")
    assert "unsafe" not in policy[1]
    assert " style=" not in html
    assert not re.search(r"\son\w+=", html.replace(script[1], ""))


def test_the_page_is_small_and_the_same_in_every_run() -> None:
    model, loss = network((4, 4, 1))
    pages = [explore(loss, model=model).html() for _ in range(2)]

    assert len(pages[0].encode()) < 150_000
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    "text", ["</script><script>", "<!--", "\u2028\u2029", "&amp;", "\ud800"]
)
def test_data_cannot_end_their_element(text: str) -> None:
    written = inert({"name": text})

    assert not set(written) & set("<>&\u2028\u2029")
    written.encode("utf-8")
    assert json.loads(written) == {"name": text}


def test_without_a_script_the_table_has_the_end() -> None:
    x = Value(3.0, label="x")
    html = explore(x * x).html()

    assert '<td>x</td><td>input</td><td class="number">3</td><td class="number">6</td>' in html
    assert ">grad 6</text>" in html
    assert "<noscript>" in html


def test_lines_are_shown_without_the_folder_they_are_in() -> None:
    x = Value(3.0)
    with Tape(lines=True):
        y = x * x
    page = explore(y)

    assert data_of(page)["rows"][1]["line"] == (
        f"test_viz_explore.py, line {y.tape[1].line.number}: y = x * x"  # type: ignore[union-attr]
    )
    assert str(Path(__file__).parent) not in page.html()


def test_gradients_that_have_added_up_are_explained() -> None:
    x = Value(3.0, label="x")
    y = x * x
    y.backward()
    assert data_of(explore(y))["passes"][0]["notes"] == []
    y.backward()

    assert data_of(explore(y))["passes"][0]["notes"][0].startswith(
        "In your program x.grad is 12, here it is 6: gradients of leaves add up"
    )


def test_numbers_that_are_not_finite_are_shown_and_explained() -> None:
    with ieee():
        out = Value(0.0, label="x").log() * 2.0
        out.backward()
    data = data_of(explore(out))["passes"][0]

    assert data["values"] == ["0", "-inf", "-inf"]
    assert "v1 = log(x), with x = 0" in data["notes"][-1]


def training(count: int) -> tuple[MLP, list[Value]]:
    model = MLP(2, [2, 1], activation="tanh", seed=1)
    losses = []
    for _ in range(count):
        loss = (model([1.0, -2.0]) - 0.5) ** 2
        model.zero_grad()
        loss.backward()
        losses.append(loss)
        for weight in model.parameters():
            weight.data -= 0.1 * weight.grad
    return model, losses


def test_training_shows_how_the_weights_change() -> None:
    model, losses = training(3)
    passes = data_of(explore(losses, model=model))["passes"]

    assert len(passes) == 3
    assert [each["values"][-1] for each in passes] == [format_number(v.data) for v in losses]
    first, second = losses[0].tape[0].value, losses[1].tape[0].value
    name, value, gradient, after, change = passes[0]["changes"][0]
    assert name == "layers.0.weight[0][0]"
    assert value == format_number(first)
    assert after == format_number(second)
    assert change == format_number(second - first)
    assert math.isclose(float(change), -0.1 * float(gradient), rel_tol=1e-2)
    assert passes[2]["changes"][0][3:] == ["-", "-"]


def test_losses_of_different_computations_are_refused() -> None:
    x = Value(2.0)

    with pytest.raises(OptionError, match=r"must be of the same computation.* 2 and 3 rows"):
        explore([x * x, x * x + 1.0])


def test_a_page_is_saved_whole(tmp_path: Path) -> None:
    page = explore(Value(2.0) * 3.0)
    path = page.save(tmp_path / "new" / "page.html")

    assert path.read_text("utf-8") == page.html()
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(TargetError, match="cannot write"):
        page.save(tmp_path / "file" / "page.html")


def test_a_notebook_shows_picture_and_frame() -> None:
    page = explore(Value(2.0, label='a"><b') * 3.0, title='"quoted" <title>')
    bundle = page._repr_mimebundle_()

    assert bundle["image/svg+xml"] == page.picture.svg()
    assert bundle["text/html"].startswith("<figure><svg ")
    assert (
        'iframe sandbox="allow-scripts" title="&quot;quoted&quot; &lt;title&gt;"'
        in (bundle["text/html"])
    )
    assert (
        bundle["text/plain"]
        == repr(page)
        == ("a page that steps through 1 input, 1 constant, 1 operation")
    )
    assert page._repr_mimebundle_(include=["text/plain"]).keys() == {"text/plain"}
    assert "text/html" not in page._repr_mimebundle_(exclude=["text/html"])


def test_a_fused_sum_is_stepped_through_as_what_it_stands_for() -> None:
    model, loss = network((1,))
    whole = data_of(explore(loss, model=model))
    parts = data_of(explore(loss, model=model, fused=False))

    assert len(parts["rows"]) == len(whole["rows"]) + 3
    assert parts["passes"][0]["values"][-1] == whole["passes"][0]["values"][-1]
    names = [row["title"] for row in whole["rows"] if row["role"] == "weight"]
    for each, data in ((whole, whole["passes"][0]), (parts, parts["passes"][0])):
        by_name = {r["title"]: g for r, g in zip(each["rows"], data["gradients"], strict=True)}
        assert [by_name[n] for n in names] == [
            format_number(dict(model.named_parameters())[n].grad) for n in names
        ]


def test_what_cannot_be_explored_is_refused() -> None:
    number: Any = 2.0
    model, loss = network((16, 16, 1))
    with pytest.raises(NotAValueError, match="explore needs the Value at the end"):
        explore(number)
    with pytest.raises(NotAValueError, match="explore needs the Value at the end"):
        explore([number])
    with pytest.raises(NotAValueError, match="explore got an empty list"):
        explore([])
    with pytest.raises(NotAValueError, match="explore got an empty tape"):
        explore(Tape())
    with pytest.raises(OptionError, match="title must be a text"):
        explore(loss, title=number)
    with pytest.raises(TooLargeError) as problem:
        explore(loss, model=model, max_nodes=100)
    with pytest.raises(TooLargeError, match="this computation has more than 10 nodes"):
        explore(loss, model=model, max_nodes=10)
    listing: Any = loss.tape
    for function in (explore, draw, graph):
        with pytest.raises(NotAValueError, match=r"\(Listing\); take the last Value"):
            function(listing)
    for way in ("one sample", "viz.draw", ".text()", "max_nodes"):
        assert way in str(problem.value)


def test_a_page_is_no_picture(tmp_path: Path) -> None:
    page = explore(Value(2.0) * 3.0)

    with pytest.raises(OptionError) as caught:
        page.save(tmp_path / "page.png")

    assert str(caught.value) == (
        "a page is written as .html, got 'page.png'; for other formats, save its picture: "
        "page.picture.save(...)"
    )
    assert list(tmp_path.iterdir()) == []
