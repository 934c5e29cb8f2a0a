"""The step-through page in a browser: every number, every key, every reader."""

import itertools
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograd import Row, Value, format_number, total
from tests.chromium import Browser, needs_chromium, running
from tests.test_viz import neuron
from tests.test_viz_draw import network
from tests.test_viz_explore import random_loss, training
from viz import Page, explore

pytestmark = needs_chromium

PROGRAMS = 5

# What all nodes say, by their name.
SHOWN = """
Object.fromEntries(
  [...document.querySelectorAll("[data-node]")]
    .filter(g => g.querySelector(".d"))
    .map(g => [g.dataset.node, [".d", ".g"].map(c => g.querySelector(c).textContent)]))
"""
CONTRAST = (Path(__file__).parent / "contrast.js").read_text("utf-8")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running() as started:
        yield started


@pytest.fixture
def shown(browser: Browser, tmp_path: Path) -> Iterator[Any]:
    """Return what opens a page; afterwards nothing may have gone wrong on it."""
    browser.size(1280, 900)
    browser.prefer()

    count = itertools.count()

    def opened(page: Page, address: str = "") -> Browser:
        path = page.save(tmp_path / f"page{next(count)}.html")
        browser.open(f"{path.as_uri()}{address}")
        return browser

    yield opened
    assert browser.complaints == []
    assert len(browser.requests) == 1


def text(browser: Browser, name: str) -> str:
    return str(browser.run(f"document.getElementById('{name}').textContent"))


def step_of(browser: Browser) -> int:
    return int(browser.run("document.documentElement.dataset.step"))


# -- every number of every step ----------------------------------------------------------------


class Expected:
    """What the nodes must say after each step, by a sweep written for this test.

    The numbers are those of the tape; that the last ones are the engine's gradients is
    asserted here too.
    """

    def __init__(self, loss: Value) -> None:
        self.rows = list(loss.tape)
        self.values = {
            row.number: "?" if row.operands else format_number(row.value) for row in self.rows
        }
        self.sums: dict[int, float] = {}

    def state(self) -> dict[str, list[str]]:
        grads = {k: format_number(g) for k, g in self.sums.items()}
        return {
            f"v{k}": [f"data {value}", f"grad {grads.get(k, '-')}"]
            for k, value in self.values.items()
        }

    def states(self) -> Iterator[dict[str, list[str]]]:
        yield self.state()
        for row in self.rows:
            if row.operands:
                self.values[row.number] = format_number(row.value)
                yield self.state()
        self.sums[self.rows[-1].number] = 1.0
        yield self.state()
        for row in reversed(self.rows):
            for _ in self.terms(row):
                yield self.state()
        for row in self.rows:
            end = self.sums.setdefault(row.number, 0.0)
            assert row.gradient == pytest.approx(end, rel=1e-12, abs=1e-300)
        yield self.state()

    def terms(self, row: Row) -> Iterator[None]:
        moving = [x for x in row.operands if x.row is not None]
        upstream = self.sums.get(row.number, 0.0)
        if moving and upstream == 0.0:
            yield
            return
        for operand in moving:
            assert operand.row is not None
            assert operand.partial is not None
            share = upstream * operand.partial
            self.sums[operand.row] = self.sums.get(operand.row, 0.0) + share
            yield


def walk(browser: Browser, loss: Value) -> int:
    """Go through a page with the right arrow key and compare every node; return the steps."""
    states = list(Expected(loss).states())
    shown = browser.run(f"""
    (() => {{
      const shown = [{SHOWN}];
      const key = new KeyboardEvent("keydown", {{ key: "ArrowRight", bubbles: true }});
      while (!document.getElementById("next").disabled) {{
        document.body.dispatchEvent(key);
        shown.push({SHOWN});
      }}
      return shown;
    }})()
    """)

    for step, (said, state) in enumerate(zip(shown, states, strict=True)):
        assert said == state, f"step {step}"
    return len(shown) - 1


@pytest.mark.parametrize("seed", range(PROGRAMS))
def test_every_node_at_every_step_has_the_engines_numbers(shown: Any, seed: int) -> None:
    _, loss = random_loss(seed)

    assert walk(shown(explore(loss)), loss) > 10


def test_a_network_is_walked_through(shown: Any) -> None:
    model, loss = network((2, 1))
    browser = shown(explore(loss, model=model))

    # Seven operations, the seed, 15 operands that move, the end.
    assert walk(browser, loss) == 7 + 1 + 15 + 1


def test_backward_is_forward_undone(shown: Any) -> None:
    _, loss = random_loss(2)
    browser = shown(explore(loss), "#step=7")
    before = browser.run(SHOWN)
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft"):
        browser.press(key)

    assert browser.run(SHOWN) == before
    browser.press("End")
    browser.press("Home")
    assert step_of(browser) == 0


# -- what is explained -------------------------------------------------------------------------


def square(shown: Any, address: str = "") -> Browser:
    x = Value(3.0, label="x")
    y = x * x + x
    y.label = "y"
    opened: Browser = shown(explore(y), address)
    return opened


def lines(browser: Browser) -> dict[str, str]:
    return dict(
        browser.run(
            "[...document.querySelectorAll('#lines dt')]"
            ".map(t => [t.textContent, t.nextSibling.textContent])"
        )
    )


def test_a_step_forward_has_the_formula_with_names_and_with_numbers(shown: Any) -> None:
    browser = square(shown, "#step=1")

    assert text(browser, "headline") == "Forward: compute v1"
    assert lines(browser) == {"formula": "v1 = x * x", "numbers": "= 3 * 3", "result": "= 9"}


def test_a_step_backward_has_all_its_arithmetic(shown: Any) -> None:
    browser = square(shown, "#step=7")

    assert text(browser, "headline") == "Backward: from v1 to x"
    assert lines(browser) == {
        "operation": "v1 = x * x",
        "upstream": "d(y)/d(v1) = 1",
        "local": "d(v1)/d(x) = x = 3",
        "contribution": "upstream \u00d7 local = 1 \u00d7 3 = 3",
        "before": "x.grad: 4",
        "after": "x.grad = 4 + 3 = 7",
        "sum over its uses": "3 of 3: 1 via y + 3 via v1 + 3 via v1",
    }


def test_the_seed_and_the_end_are_explained(shown: Any) -> None:
    assert lines(square(shown, "#step=3"))["seed"] == "d(y)/d(y) = 1"
    assert "Every leaf has its gradient" in lines(square(shown, "#step=8"))["done"]


def test_each_step_is_said_for_who_does_not_see_it(shown: Any) -> None:
    browser = square(shown)
    browser.press("ArrowRight")

    assert text(browser, "say") == "Step 1 of 8: forward. v1 = x * x = 9"
    assert browser.run("document.getElementById('say').getAttribute('aria-live')") == "polite"
    browser.press("End")
    browser.press("ArrowLeft")
    assert text(browser, "say") == (
        "Step 7 of 8: backward. v1 adds 1 times 3 = 3 to the gradient of x, which is now 7."
    )


def test_a_screen_reader_finds_controls_nodes_and_a_table(shown: Any) -> None:
    browser = square(shown, "#step=8")
    tree = browser.call("Accessibility.getFullAXTree")["nodes"]
    found = {(node["role"]["value"], node.get("name", {}).get("value"))
             for node in tree if not node["ignored"]}  # fmt: skip

    assert ("heading", "Step by step: y") in found
    assert ("button", "Next \u25b6") in found
    assert ("slider", "Step") in found
    assert ("button", "x, input, data 3, grad 7") in found
    assert ("columnheader", "gradient") in found
    assert ("rowheader", "Select v1") in found or ("button", "Select v1") in found
    roles = {role for role, _ in found}
    assert {"table", "status", "region"} <= roles


def test_a_selected_node_says_why_its_gradient_is_0(shown: Any) -> None:
    x = Value(-2.0, label="x")
    browser = shown(explore(x.relu() * 3.0), "#step=99")
    browser.run("document.querySelector('[data-node=v0]').dispatchEvent(new Event('click'))")

    assert "v1 = relu(x) is flat here: x = -2 is not above 0" in text(browser, "about-lines")
    assert text(browser, "about-title") == "x (v0)"
    browser.run("document.getElementById('to-backward').click()")
    assert text(browser, "headline") == "Backward: from v1 to x"


def test_table_and_graph_are_linked(shown: Any) -> None:
    browser = square(shown, "#step=1")
    rows = "[...document.querySelectorAll('#tape tr[aria-current]')]"

    assert browser.run(f"{rows}.map(r => r.cells[1].textContent)") == ["v1"]
    browser.run("document.querySelectorAll('#tape tbody button')[0].click()")
    assert browser.run("document.querySelector('[data-node=v0]').classList.contains('picked')")
    assert text(browser, "about-title") == "x (v0)"


# -- going -------------------------------------------------------------------------------------


def test_the_step_is_in_the_address(shown: Any) -> None:
    browser = square(shown, "#step=5")

    assert step_of(browser) == 5
    browser.press("ArrowRight")
    assert browser.run("location.hash") == "#step=6"
    browser.run("location.hash = '#step=2'; new Promise(r => setTimeout(r, 50))")
    assert step_of(browser) == 2
    for address, step in (("#step=99", 8), ("#step=-4", 0), ("#step=x&pass=7", 0)):
        assert step_of(square(shown, address)) == step


def test_the_slider_goes_anywhere(shown: Any) -> None:
    browser = square(shown)
    browser.run(
        "s = document.getElementById('slider'); s.value = 4;s.dispatchEvent(new Event('input'))"
    )

    assert step_of(browser) == 4
    assert browser.run("s.getAttribute('aria-valuetext')") == "Step 4 of 8: backward"


def test_play_goes_to_the_end_and_stops(shown: Any) -> None:
    browser = square(shown)
    browser.run(
        "document.getElementById('speed').options[2].value = 5;"
        "document.getElementById('speed').selectedIndex = 2"
    )
    browser.press(" ")
    assert text(browser, "play") == "Pause"
    browser.run(
        "new Promise(done => { const timer = setInterval(() => {"
        "if (document.documentElement.dataset.step !== '8') return;"
        "clearInterval(timer); done(); }, 5) })"
    )

    assert text(browser, "play") == "Play"
    browser.run("document.getElementById('speed').options[2].value = 60000")
    browser.press(" ")
    assert (step_of(browser), text(browser, "play")) == (0, "Pause")
    browser.press(" ")
    assert text(browser, "play") == "Play"


def test_everything_is_reached_with_the_keyboard(shown: Any) -> None:
    browser = square(shown, "#step=8")
    reached = set()
    for _ in range(40):
        browser.press("Tab")
        reached.add(browser.run("document.activeElement.id || document.activeElement.tagName"))

    controls = {"first", "back", "play", "speed", "slider", "predict", "check", "theme", "fit",
                "scroll"}  # fmt: skip
    assert controls <= reached
    browser.run("document.querySelector('[data-node=v0]').focus()")
    browser.press("ArrowDown")
    assert browser.run("document.activeElement.dataset.node") == "v1"
    browser.press("Enter")
    assert text(browser, "about-title") == "v1 (v1)"
    assert step_of(browser) == 8


# -- predicting and checking -------------------------------------------------------------------


def answer(browser: Browser, said: str) -> None:
    browser.run(
        f"document.getElementById('answer').value = {said!r};"
        "document.getElementById('guess').requestSubmit()"
    )


def test_predict_mode_checks_what_is_said(shown: Any) -> None:
    browser = square(shown)
    browser.run("document.getElementById('predict').click()")
    assert text(browser, "question") == "What is v1 = 3 * 3?"
    browser.press("ArrowRight")
    assert step_of(browser) == 0

    answer(browser, "6")
    assert (step_of(browser), text(browser, "verdict")) == (
        0, "Not yet. Try again, or ask to be shown."
    )  # fmt: skip
    for said in ("", "nine", "8.8"):
        answer(browser, said)
        assert step_of(browser) == 0
    answer(browser, "9.04")
    assert (step_of(browser), text(browser, "verdict")) == (1, "Right, it was 9.")
    browser.run("document.getElementById('reveal').click()")
    assert (step_of(browser), text(browser, "verdict")) == (2, "It was 12.")
    assert text(browser, "question") == "What is d(y)/d(y)?"
    answer(browser, "1,0")
    assert step_of(browser) == 3
    assert text(browser, "question") == (
        "y = v1 + x has gradient 1. What does it add to the gradient of v1?"
    )


def test_a_local_derivative_is_shown_once_its_operation_has_run(shown: Any) -> None:
    x = Value(3.0, label="x")
    product = x * x.exp()
    product.backward()
    browser = shown(explore(product), "#step=0")
    # Of x * exp(x), the derivative by x is exp(x): on the first step it would be given away.
    seen = (
        "[...document.querySelectorAll('.wire .slope')]"
        ".map(s => getComputedStyle(s).visibility === 'visible')"
    )

    assert browser.run(seen) == [False, False, False]
    browser.press("ArrowRight")
    assert browser.run(seen) == [True, False, False]
    browser.press("ArrowRight")
    assert browser.run(seen) == [True, True, True]


def test_check_mode_shows_finite_differences(shown: Any) -> None:
    browser = square(shown, "#step=8")
    cells = (
        "[...document.querySelectorAll('#tape tbody tr')][0].querySelectorAll('.difference')"
    )
    assert browser.run(f"getComputedStyle({cells}[0]).display") == "none"
    browser.run("document.getElementById('check').click()")

    assert browser.run(f"getComputedStyle({cells}[0]).display") == "table-cell"
    assert browser.run(f"[...{cells}].map(c => c.textContent)") == ["7", "agrees"]


def test_training_steps_follow_each_other(shown: Any) -> None:
    model, losses = training(3)
    browser = shown(explore(losses, model=model), "#step=999&pass=1")

    assert browser.run(SHOWN)["v15"][0] == f"data {format_number(losses[0].data)}"
    assert "layers.0.weight[0][0]: " in lines(browser)["update"]
    browser.press("ArrowRight")
    assert (step_of(browser), browser.run("location.hash")) == (0, "#step=0&pass=2")
    browser.press("End")
    assert browser.run(SHOWN)["v15"][0] == f"data {format_number(losses[1].data)}"
    slope = browser.run("document.querySelector('[data-edge=v15in0] .slope').textContent")
    assert slope == format_number(losses[1].tape[15].operands[0].partial or 0.0)
    change = browser.run("document.querySelector('#weights tbody tr').cells[4].textContent")
    assert change == format_number(losses[2].tape[0].value - losses[1].tape[0].value)
    browser.press("Home")
    browser.press("ArrowLeft")
    assert browser.run("location.hash") == "#step=0&pass=1"


# -- readers -----------------------------------------------------------------------------------


def test_200_hostile_labels_are_inert_and_exact(shown: Any) -> None:
    generator = random.Random(0)
    attack = "alert(1)"
    pieces = [
        "</script>", f"<script>{attack}</script>", '"', "'", f"<img src=x onerror={attack}>",
        f"javascript:{attack}", "]]>", "<!--", "-->", "&lt;", "\\", "${x}", "$title", "{{x}}",
        "\u202e", "\u2028", "naïve", "🎈", "  ", "</svg>", "%", "#", "</title>",
    ]  # fmt: skip
    labels = ["".join(generator.choices(pieces, k=2)) for _ in range(200)]
    loss = total([Value(1.0, label=label) for label in labels])
    browser = shown(explore(loss, title=labels[0], check=False))

    found = browser.run("JSON.parse(document.getElementById('data').textContent).rows"
                        ".map(r => r.title)")  # fmt: skip
    assert found[:200] == labels
    cells = browser.run(
        "[...document.querySelectorAll('#tape tbody tr')].map(r => r.cells[1].textContent)"
    )
    assert cells[:200] == labels
    nodes = browser.run(
        "[...document.querySelectorAll('.node.input[data-node] .t')].map(t => t.textContent)"
    )
    shortest = [label for label in labels if len(label) <= 28]
    assert set(shortest) <= set(nodes)
    assert browser.run("document.querySelectorAll('script').length") == 2
    assert browser.run("document.querySelectorAll('img').length") == 0
    assert browser.run("document.title").strip() == " ".join(labels[0].split())
    for _ in range(3):
        browser.press("ArrowRight")


def test_the_page_fits_a_telephone(shown: Any) -> None:
    browser = square(shown)
    browser.size(320, 640)
    browser.press("End")

    assert browser.run("document.documentElement.scrollWidth") == 320
    assert browser.run(
        "['first','next','slider','panel','graph','tape'].every(id => {"
        "const b = document.getElementById(id).getBoundingClientRect();"
        "return b.left >= 0 && b.right <= 320 && b.width > 0; })"
    )


def test_the_page_is_dark_where_people_want_it(shown: Any) -> None:
    browser = square(shown)
    paper = "getComputedStyle(document.body).backgroundColor"
    assert browser.run(paper) == "rgb(255, 255, 255)"
    browser.prefer(color_scheme="dark")
    assert browser.run(paper) == "rgb(21, 24, 28)"
    browser.run("t = document.getElementById('theme'); t.value = 'light';"
                "t.dispatchEvent(new Event('change'))")  # fmt: skip
    assert browser.run(paper) == "rgb(255, 255, 255)"
    browser.prefer()
    browser.run("t.value = 'dark'; t.dispatchEvent(new Event('change'))")
    assert browser.run(paper) == "rgb(21, 24, 28)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_on_the_page_is_readable(shown: Any, scheme: str) -> None:
    """The contrast of every text against what lies below it, as the browser computes it."""
    model, loss = network((2, 1))
    browser = shown(explore(loss, model=model), "#step=12")
    browser.prefer(color_scheme=scheme, reduced_motion="reduce")
    count, faults = browser.run(CONTRAST)

    assert count > 100
    assert faults == []


def test_nothing_moves_where_people_do_not_want_it(shown: Any) -> None:
    browser = square(shown)
    transition = "getComputedStyle(document.querySelector('.body')).transitionDuration"
    assert browser.run(transition) != "0s"
    browser.prefer(reduced_motion="reduce")

    assert browser.run(transition) == "0s"


def test_the_page_prints_its_end_without_controls(shown: Any) -> None:
    browser = square(shown, "#step=2")
    browser.prefer(media="print", color_scheme="dark")
    display = "getComputedStyle(document.getElementById('controls')).display"

    assert browser.run(display) == "none"
    assert (
        browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    )
    browser.run("dispatchEvent(new Event('beforeprint'))")
    assert browser.run(SHOWN)["v0"] == ["data 3", "grad 7"]
    browser.run("dispatchEvent(new Event('afterprint'))")
    assert step_of(browser) == 2


def test_without_scripts_the_end_is_there(shown: Any, browser: Browser) -> None:
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        opened = square(shown)
        tree = opened.call("Accessibility.getFullAXTree")["nodes"]
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)
    said = {node.get("name", {}).get("value") for node in tree if not node["ignored"]}

    assert {"grad 7", "data 12", "x * x"} <= said
    assert "Next \u25b6" not in said
    assert any("Stepping needs JavaScript" in str(name) for name in said)


def test_the_page_works_in_a_notebooks_frame(browser: Browser, tmp_path: Path) -> None:
    bundle = explore(neuron())._repr_mimebundle_()
    path = tmp_path / "notebook.html"
    path.write_text(f"<!DOCTYPE html><title>n</title>{bundle['text/html']}", "utf-8")
    browser.open(path)
    frame = browser.call("Page.getFrameTree")["frameTree"]["childFrames"][0]["frame"]["id"]
    world = browser.call("Page.createIsolatedWorld", frameId=frame)["executionContextId"]

    def inside(script: str) -> Any:
        answer = browser.call(
            "Runtime.evaluate", expression=script, contextId=world, returnByValue=True
        )
        return answer["result"].get("value")

    assert inside("document.documentElement.dataset.ready") == "yes"
    inside("document.getElementById('next').click()")
    assert inside("document.documentElement.dataset.step") == "1"
    assert inside("window.origin") == "null"
    assert browser.complaints == []


def test_a_page_opened_at_a_step_has_its_node_in_sight(shown: Any) -> None:
    _, loss = network((4, 1))
    page = explore(loss)
    browser = shown(page)
    browser.size(700, 500)
    last = int(browser.run("slider.max"))
    for step in (last // 3, last - 1):
        browser = shown(page, f"#step={step}")
        assert step_of(browser) == step
        assert browser.run("""
          (() => {
            const scroll = document.getElementById("scroll");
            const view = scroll.getBoundingClientRect();
            const now = document.querySelector("[data-node] .now, [data-node].now");
            const box = now.getBoundingClientRect();
            const wide = scroll.clientWidth < scroll.scrollWidth;
            return wide && box.left >= view.left && box.right <= view.right + 1;
          })()
        """)
