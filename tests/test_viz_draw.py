"""Pictures by draw: what stands where, in every format, the same in every run."""

import importlib.util
import random
import re
import shutil
import sys
import xml.etree.ElementTree as ET
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest

from autograd import Tape, Value, dot, ieee, total, where
from nn import MLP, Neuron
from tests.test_viz import assert_deaf_to_hashing, neuron
from tests.test_viz_rendering import HOSTILE, UNPRINTABLE
from tests.test_viz_theme import contrast
from viz import (
    Graph,
    Group,
    LayoutTimeoutError,
    NoRendererError,
    NotAValueError,
    OptionError,
    Picture,
    TargetError,
    TooLargeError,
    draw,
    graph,
)
from viz.legend import DOT, OPERANDS
from viz.palettes import LEVELS, THEMES, level_of
from viz.views import size

GOLDEN = Path(__file__).parent / "golden"
SVG = "{http://www.w3.org/2000/svg}"


def network(widths: tuple[int, ...], samples: int = 1, **options: Any) -> tuple[MLP, Value]:
    """Return MLP(2, widths) and its swept loss."""
    generator = random.Random(1)
    model = MLP(2, list(widths), activation="tanh", seed=generator, **options)
    losses = [(model([generator.random(), generator.random()]) - 0.5) ** 2
              for _ in range(samples)]  # fmt: skip
    loss: Value = total(losses) if samples > 1 else losses[0]
    loss.label = "loss"
    loss.backward()
    return model, loss


def root_of(picture: Picture) -> ET.Element:
    return ET.fromstring(picture.svg())  # noqa: S314 - our own picture


def shapes(picture: Picture) -> dict[str, ET.Element]:
    """Return the groups of nodes, by the name of their node; operations have their own."""
    return {
        str(g.get("id")).partition("-")[2]: g
        for g in root_of(picture).iter(f"{SVG}g")
        if "data-node" in g.attrib
    }


def texts(element: ET.Element, kind: str | None = None) -> list[str]:
    return [
        "".join(text.itertext())
        for text in element.iter(f"{SVG}text")
        if kind is None or text.get("class") == kind
    ]


def classes(element: ET.Element) -> set[str]:
    return set(str(element.get("class")).split())


# -- the same in every run ---------------------------------------------------------------------


def test_the_svg_and_the_dot_text_are_the_ones_on_file() -> None:
    picture = draw(neuron())

    assert picture.svg() == (GOLDEN / "neuron.svg").read_text("utf-8")
    assert picture.dot() == (GOLDEN / "neuron_placed.dot").read_text("utf-8")


def test_the_picture_does_not_depend_on_hashing() -> None:
    program = (
        "from tests.test_viz_draw import network\n"
        "from viz import draw\n"
        "model, loss = network((3, 3, 1))\n"
        "picture = draw(loss, model=model)\n"
        "print(picture.svg(), picture.dot(), picture.text())\n"
        "print(draw(loss, model=model, detail='collapsed').svg())"
    )
    assert_deaf_to_hashing(program)


def test_pictures_in_one_page_share_no_id() -> None:
    pictures = [
        draw(Value(2.0, label="x") * 3.0),
        draw(Value(4.0, label="x") * 3.0),
        draw(Value(2.0, label="x") * 3.0, id_prefix="again"),
    ]
    ids = [e.get("id") for p in pictures for e in root_of(p).iter() if e.get("id")]

    assert len(ids) == len(set(ids))
    assert {"again", "again-v0", "again-v1op", "again-v1in0"} <= set(ids)


# -- what is written ---------------------------------------------------------------------------


def test_a_node_has_its_name_its_value_and_its_gradient() -> None:
    x = Value(3.0, label="x")
    y = x * x
    before = shapes(draw(y))
    y.backward()
    after = shapes(draw(y))

    assert texts(before["v0"]) == ["x", "data 3", "grad -"]
    assert texts(after["v0"]) == ["x", "data 3", "grad 6"]
    assert texts(after["v1"]) == ["v1", "data 9", "grad 1"]
    assert texts(after["v1op"]) == ["*"]


def test_an_arrow_has_its_local_derivative() -> None:
    a, b = Value(2.0, label="a"), Value(4.0, label="b")
    root = root_of(draw(a - b * 2.0))
    wires = {w.get("data-edge"): w for w in root.iter(f"{SVG}g") if w.get("data-edge")}

    assert {name: texts(wire) for name, wire in wires.items()} == {
        "v1in0": ["2"],
        "v1in1": [],
        "v1out": [],
        "v3in0": ["left: 1"],
        "v3in1": ["right: -1"],
        "v3out": [],
    }


def test_a_small_number_is_never_0() -> None:
    x = Value(1.25e-7, label="x")
    y = x * 3e-9
    y.backward()

    assert texts(shapes(draw(y))["v0"]) == ["x", "data 1.25e-07", "grad 3e-09"]


def test_roles_differ_in_outline() -> None:
    w, x = Value(2.0, label="w"), Value(3.0, label="x")
    drawn = shapes(draw((w * x + 1.0).tanh()))
    outlines = {}
    for name in ("v0", "v1", "v3c1", "v2", "v2op", "v4"):
        bodies = [e for e in drawn[name].iter() if "body" in str(e.get("class"))]
        outlines[name] = tuple((e.tag, e.get("rx"), e.get("stroke-dasharray")) for e in bodies)

    assert len(set(outlines.values())) == len(outlines)
    roles = ["weight", "input", "constant", "operation", "operator", "output"]
    assert [kind for name, kind in zip(outlines, roles, strict=True)
            if kind in classes(drawn[name])] == roles  # fmt: skip


@pytest.mark.parametrize(
    ("label", "shown"), [*((text, text) for text in HOSTILE), *UNPRINTABLE], ids=ascii
)
def test_a_hostile_name_is_shown_as_it_is(label: str, shown: str) -> None:
    product = Value(2.0, label=label) * 3.0
    product.backward()
    picture = draw(product)
    leaf = shapes(picture)["v0"]

    *lines, data, grad = texts(leaf)
    assert "\n".join(lines) == shown
    assert (data, grad) == ("data 2", "grad 3")
    assert leaf[0].text == f"input {shown}, data 2, grad 3"


def test_a_hostile_symbol_and_title_are_inert() -> None:
    own = Value(4.0, (Value(2.0),), '</svg><script>alert("x")</script>', local_grads=(2.0,))
    root = root_of(draw(own, title="<b>&\0"))

    assert not [e for e in root.iter() if e.tag.endswith("script")]
    assert root[0].text == r"<b>&\x00"


def test_a_gradients_colour_has_its_sign_and_its_size() -> None:
    x, y = Value(10.0, label="x"), Value(-1.0, label="y")
    z = x * y * 3.0 + x.relu() * 0.0
    z.backward()
    drawn = shapes(draw(z))

    assert [name for name, shape in drawn.items() if "m2" in classes(shape)] == ["v0"]
    assert [name for name, shape in drawn.items() if "p4" in classes(shape)] == ["v1"]
    assert [name for name, shape in drawn.items() if "z" in classes(shape)] == ["v4"]


def test_levels_follow_the_share_of_the_largest() -> None:
    for k, limit in enumerate(LEVELS, start=1):
        assert level_of(limit * 0.99, 1.0) == f"p{k}"
        assert level_of(-limit * 1.01, 1.0) == f"m{k + 1}"
    assert level_of(float("nan"), 1.0) == "none"
    assert level_of(float("inf"), 1.0) == "p4"


def test_the_legend_explains_what_there_is() -> None:
    x = Value(3.0, label="x")
    y = x.tanh()
    before = texts(root_of(draw(y)))
    y.backward()
    after = texts(root_of(draw(y)))

    assert "grad -: no backward pass yet; call .backward() on the result, then draw again." in (
        " ".join(before)
    )
    assert {"input", "operation", "output"} <= set(after)
    assert "weight" not in after
    assert "grad from -1 over 0 to 1; steps at 0.3333, 0.1, 0.01" in after


@pytest.mark.parametrize(
    ("function", "explained"),
    [
        (lambda a, b: a * b, []),
        (lambda a, b: a - b, [OPERANDS]),
        (lambda a, b: where(a < b, a, b), [OPERANDS]),
        (lambda a, b: dot([a], [b], start=a), [DOT]),
        (lambda a, b: dot([a], [b], start=a) / b, [OPERANDS, DOT]),
    ],
)
def test_the_legend_explains_words_on_arrows(function: Any, explained: list[str]) -> None:
    written = " ".join(texts(root_of(draw(function(Value(2.0), Value(4.0))))))

    assert [text for text in (OPERANDS, DOT) if text in written] == explained


def test_numbers_that_are_not_finite_are_striped_and_the_first_is_named() -> None:
    x = Value(0.0, label="x")
    with ieee():
        y = x.sqrt().log() * 2.0
        y.backward()
    picture = draw(y)
    drawn = shapes(picture)

    assert "nonfinite" in classes(drawn["v2"])
    assert "nonfinite" not in classes(drawn["v1"]) or "grad inf" in texts(drawn["v1"])
    body = next(e for e in drawn["v2"].iter() if e.get("class") == "body")
    stripes = str(body.get("fill")).removeprefix("url(#").removesuffix(")")
    assert any(e.get("id") == stripes for e in root_of(picture).iter(f"{SVG}pattern"))
    said = " ".join(texts(root_of(picture), "warning"))
    assert "The first value that is not finite is -inf: v2 = log(v1), with v1 = 0." in said
    assert "The first gradient that is not finite is inf, that of v1:" in said


@pytest.mark.parametrize("theme", THEMES)
def test_text_is_readable_in_every_theme(theme: str) -> None:
    palette = THEMES[theme]
    grounds = [palette.paper, palette.card, palette.operator, palette.frame, palette.active,
               palette.zero, palette.stripe, *palette.above, *palette.below]  # fmt: skip
    quiet = [palette.paper, palette.card, palette.frame, palette.stripe]

    assert min(contrast(palette.ink, ground) for ground in grounds) >= 4.5
    assert min(contrast(palette.quiet, ground) for ground in quiet) >= 4.5
    assert contrast(palette.warning, palette.paper) >= 4.5
    for line in (palette.edge, palette.accent, palette.result, palette.warning):
        assert contrast(line, palette.paper) >= 3.0


@pytest.mark.parametrize("theme", THEMES)
def test_every_text_of_a_picture_is_readable(theme: str) -> None:
    """Every colour of a text against the colour of what lies below it."""
    model, loss = network((2, 1))
    root = root_of(draw(loss, model=model, theme=theme))
    grounds: list[tuple[float, float, float, float, str]] = []
    count = 0
    for element in root.iter():
        fill = str(element.get("fill"))
        if element.tag == f"{SVG}rect" and fill.startswith("#"):
            x, y, w, h = (float(element.get(a) or 0) for a in ("x", "y", "width", "height"))
            grounds.append((x, y, w, h, fill))
        if element.tag == f"{SVG}text":
            anchor = {"end": -2.0, "middle": 0.0}.get(str(element.get("text-anchor")), 2.0)
            at = (float(element.get("x") or 0) + anchor, float(element.get("y") or 0) - 4)
            below = [g[4] for g in grounds if overlap((*at, 0.1, 0.1), g[:4])]
            assert contrast(fill, below[-1]) >= 4.5
            count += 1
    assert count > 50


# -- places ------------------------------------------------------------------------------------


def rectangles(picture: Picture) -> dict[str, tuple[float, float, float, float]]:
    places = picture._layout.boxes
    return {
        shape.name: (*places[shape.name], shape.width, shape.height)
        for shape in picture._scene.shapes
    }


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    (x, y, w, h), (u, v, m, n) = one, other
    return x < u + m and u < x + w and y < v + n and v < y + h


@pytest.mark.parametrize("detail", ["full", "merged", "collapsed"])
@pytest.mark.parametrize("fused", [True, False])
def test_nodes_do_not_overlap_and_arrows_lead_from_left_to_right(
    detail: str, fused: bool
) -> None:
    model, loss = network((3, 2, 1))
    picture = draw(loss, model=model, detail=detail, fused=fused, max_nodes=500)
    boxes = rectangles(picture)

    for one, other in combinations(boxes.values(), 2):
        assert not overlap(one, other)
    for strand in picture._scene.strands:
        points = picture._layout.wires[strand.name]
        tail, head = boxes[strand.tail], boxes[strand.head]
        assert points[0] == pytest.approx((tail[0] + tail[2], tail[1] + tail[3] / 2))
        assert points[-1][0] == pytest.approx(head[0])
        assert head[1] < points[-1][1] < head[1] + head[3]
        assert all(a[0] <= b[0] + 1e-6 for a, b in pairwise(points))


def test_frames_hold_what_is_in_them_and_nothing_else() -> None:
    model, loss = network((3, 2, 1))
    picture = draw(loss, model=model)
    frames = {f.path: (f.x, f.y, f.width, f.height) for f in picture._layout.frames}
    shapes_by_name = {shape.name: shape for shape in picture._scene.shapes}

    assert set(frames) == {
        *(f"layers.{k}" for k in range(3)),
        *(f"layers.{k}.neurons.{j}" for k, n in enumerate((3, 2, 1)) for j in range(n)),
    }
    for name, box in rectangles(picture).items():
        for path, frame in frames.items():
            inside = (shapes_by_name[name].frame + ".").startswith(f"{path}.")
            assert overlap(box, frame) == inside


def test_each_operand_arrives_at_its_own_place_in_order() -> None:
    a, b, c = (Value(k + 1.0, label=n) for k, n in enumerate("abc"))
    picture = draw(total([a, b, c, a]))
    ends = [picture._layout.wires[f"v3in{slot}"][-1][1] for slot in range(4)]

    assert ends == sorted(set(ends))


def test_a_module_that_is_used_in_a_circle_is_drawn_all_the_same() -> None:
    cell, other = Neuron(1), Neuron(1)
    names = [*((f"cell.{n}", w) for n, w in cell.named_parameters()),
             *((f"other.{n}", w) for n, w in other.named_parameters())]  # fmt: skip
    out = cell(other(cell([0.5])))

    assert len(shapes(draw(out, names=names, detail="merged"))) == 11
    assert len(shapes(draw(out, names=names, detail="collapsed"))) == 2


def test_arrows_from_one_value_to_far_places_share_their_way() -> None:
    x = Value(0.5, label="x")
    y = x
    for _ in range(4):
        y = y.tanh()
    picture = draw(y * x + x, detail="merged")
    ways = [picture._layout.wires[name] for name in ("v5in1", "v6in1")]

    assert ways[0][:5] == ways[1][:5]
    assert ways[0] != ways[1]


def test_a_picture_of_nothing_is_empty() -> None:
    picture = draw(Graph((), ()))

    assert repr(picture) == "a picture of an empty graph"
    assert shapes(picture) == {}


# -- how much is drawn -------------------------------------------------------------------------


def test_small_graphs_are_drawn_with_operations_apart() -> None:
    assert "v1op" in shapes(draw(Value(1.0).tanh()))
    assert "v1op" not in shapes(draw(Value(1.0).tanh(), detail="merged"))


def test_a_network_is_drawn_with_operations_merged() -> None:
    model, loss = network((4, 4, 1))
    drawn = shapes(draw(loss, model=model))

    assert len(drawn) == 65
    assert not [name for name in drawn if name.endswith("op")]


def test_a_batch_is_folded_by_neuron_with_honest_counts() -> None:
    model, loss = network((16, 16, 1), samples=20)
    picture = draw(loss, model=model)
    groups = [node for node in picture.graph.nodes if isinstance(node, Group)]

    assert len(groups) == len(picture.graph.nodes) == 34
    assert sum(size(node) for node in groups) == len(graph(loss, model=model).nodes)
    neuron_1 = next(g for g in groups if g.path == "layers.1.neurons.1")
    assert (neuron_1.weights, neuron_1.operations, neuron_1.leaving) == (17, 40, 20)


def test_many_neurons_are_folded_by_layer() -> None:
    model, loss = network((100, 100, 1))
    picture = draw(loss, model=model)

    assert [n.path for n in picture.graph.nodes if isinstance(n, Group)][:3] == [
        "layers.0", "layers.1", "layers.2"
    ]  # fmt: skip


def test_without_modules_the_picture_asks_for_them() -> None:
    _, loss = network((16, 16, 1), samples=2)

    assert "No neurons or layers are known: give model=... to see them." in draw(loss).text()


def test_a_long_tape_is_summarised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("viz.sizes.MOST_ROWS", 500)
    model, loss = network((16, 16, 1), samples=20)
    picture = draw(loss, model=model)
    groups = {node.path: node for node in picture.graph.nodes if isinstance(node, Group)}

    rows = loss.tape
    assert sum(group.count for group in groups.values()) == len(rows)
    assert groups["layers.1"].weights == 16 * 17
    assert groups["layers.1"].largest == max(
        abs(w.grad) for name, w in model.named_parameters() if name.startswith("layers.1")
    )
    assert f"A summary of {len(rows):,} rows: dot 660, tanh 640" in picture.text()
    with pytest.raises(TooLargeError, match="this graph has more than 500 nodes"):
        draw(loss, detail="merged")


def test_a_summary_names_the_first_number_that_is_not_finite() -> None:
    with ieee():
        out = (Value(0.0, label="x").log() + 1.0) * 2.0
        out.backward()
    picture = draw(out, detail="summary")

    assert "The first value that is not finite is -inf: log." in picture.text()


def test_what_is_too_large_is_refused_with_the_ways_out() -> None:
    model, loss = network((16, 16, 1))
    with pytest.raises(TooLargeError) as problem:
        draw(loss, model=model, detail="full")

    message = str(problem.value)
    assert message.startswith("this graph has 437 nodes, and max_nodes = 150 allows 150")
    for way in ('detail="collapsed"', ".around(", ".text()", "max_nodes"):
        assert way in message
    assert len(shapes(draw(loss, model=model, detail="merged", max_nodes=437))) == 437


def test_a_fold_that_is_still_too_large_is_refused() -> None:
    model, loss = network((8, 1))

    with pytest.raises(TooLargeError, match="nodes, and max_nodes = 2"):
        draw(loss, model=model, detail="collapsed", max_nodes=2)


def test_a_layout_is_stopped_after_the_time_limit() -> None:
    model, loss = network((4, 4, 1))

    with pytest.raises(LayoutTimeoutError) as problem:
        draw(loss, model=model, time_limit=1e-9)
    for way in ('detail="collapsed"', ".around(", ".text()", "time_limit"):
        assert way in str(problem.value)


def test_a_layout_with_too_many_bends_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("viz.columns.MOST_SPOTS", 50)
    values = [Value(1.0)]
    for _ in range(20):
        values.append(values[-1].tanh())

    with pytest.raises(TooLargeError, match=r"more than 50 bends in its lines\. Draw less"):
        draw(total(values), detail="merged")


def test_a_piece_of_a_graph_is_drawn_and_says_what_is_left_out() -> None:
    model, loss = network((4, 4, 1))
    whole = graph(loss, model=model)
    picture = draw(whole.paths("layers.0.weight[0][0]"))

    left_out = 65 - len(picture.graph.nodes)
    assert f"{left_out} nodes left out" in repr(picture)
    assert len(picture.graph.nodes) < 20


def test_a_tape_is_drawn_too() -> None:
    with Tape() as tape:
        Value(2.0) * 3.0
        Value(2.0) + 1.0

    assert len(shapes(draw(tape))) == 8


def test_a_single_leaf_is_drawn() -> None:
    assert texts(shapes(draw(Value(1.0, label="w1")))["v0"]) == ["w1", "data 1", "grad -"]


# -- formats -----------------------------------------------------------------------------------


@pytest.fixture(params=["dot", "pygraphviz"])
def road(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> str:
    """Leave one renderer and hide the other."""
    if request.param == "dot":
        if shutil.which("dot") is None:
            pytest.skip("the program dot is not on the PATH")
        monkeypatch.setitem(sys.modules, "pygraphviz", None)
    else:
        if importlib.util.find_spec("pygraphviz") is None:
            pytest.skip("pygraphviz is not installed")
        monkeypatch.setenv("PATH", str(tmp_path))
    return str(request.param)


@pytest.mark.usefixtures("road")
def test_png_and_pdf_are_made_by_either_renderer() -> None:
    model, loss = network((2, 1))
    picture = draw(loss, model=model)

    assert picture.png().startswith(b"\x89PNG")
    assert len(picture.png(dpi=72)) < len(picture.png())
    assert picture.pdf().startswith(b"%PDF")


@pytest.mark.usefixtures("road")
@pytest.mark.parametrize("theme", THEMES)
def test_numbers_that_are_not_finite_are_rendered_too(theme: str) -> None:
    with ieee():
        out = (Value(0.0, label="w1") * 1.0).log()
        out.backward()

    assert draw(out, theme=theme).png().startswith(b"\x89PNG")


@pytest.mark.usefixtures("road")
def test_graphviz_keeps_the_places() -> None:
    """What Graphviz makes of the DOT text has every node where the layout put it."""
    from viz import render  # noqa: PLC0415 - only here

    picture = draw(neuron())
    placed = render.picture(picture.dot(), "plain").decode()
    at = {line.split()[1]: [float(n) * 72 for n in line.split()[2:4]]
          for line in placed.splitlines() if line.startswith("node v")}  # fmt: skip
    boxes = rectangles(picture)
    first, *others = boxes
    for name in others:
        for axis, sign in ((0, 1), (1, -1)):
            moved = at[name][axis] - at[first][axis]
            middle = [boxes[n][axis] + boxes[n][axis + 2] / 2 for n in (name, first)]
            assert moved == pytest.approx(sign * (middle[0] - middle[1]), abs=0.2)


def test_svg_and_html_need_no_renderer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    picture = draw(neuron())

    assert picture.svg().startswith("<svg ")
    assert "<svg " in picture.html()
    with pytest.raises(NoRendererError, match=r'pip install "wengert\[render\]"'):
        picture.png()


def test_the_html_has_a_policy_and_loads_nothing() -> None:
    page = draw(neuron(), title="a <neuron>").html()

    assert "default-src 'none'" in page
    assert "<script" not in page
    assert not re.findall(r'(?:src|href)="(?!data:)', page)
    assert "<h1>a &lt;neuron&gt;</h1>" in page
    assert "o = tanh(n)" in page


def test_a_notebook_shows_the_picture_and_the_table() -> None:
    picture = draw(neuron())
    bundle = picture._repr_mimebundle_()

    assert bundle == {"image/svg+xml": picture.svg(), "text/plain": picture.text()}
    assert picture._repr_mimebundle_(include=["text/plain"]).keys() == {"text/plain"}
    assert picture._repr_mimebundle_(exclude=["text/plain"]).keys() == {"image/svg+xml"}
    assert repr(picture) == "a picture of 2 weights, 2 inputs, 1 constant, 5 operations"


def test_the_picture_says_in_words_what_it_shows() -> None:
    root = root_of(draw(neuron(), title="A neuron"))
    title, about = root[0], root[1]

    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {about.get('id')}"
    assert title.text == "A neuron"
    assert "o = tanh(n)" in str(about.text)


@pytest.mark.parametrize("suffix", ["svg", "dot", "gv", "txt", "html"])
def test_a_picture_is_saved_by_its_suffix(suffix: str, tmp_path: Path) -> None:
    picture = draw(neuron())
    path = picture.save(tmp_path / "new" / f"neuron.{suffix}")

    content = path.read_text("utf-8")
    made = {"svg": picture.svg(), "dot": picture.dot(), "gv": picture.dot(),
            "txt": picture.text(most=None) + "\n", "html": picture.html()}  # fmt: skip
    assert content == made[suffix]
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_format_is_said_by_suffix_or_by_name(tmp_path: Path) -> None:
    picture = draw(neuron())

    assert picture.save(tmp_path / "plain", format="svg").read_text("utf-8") == picture.svg()
    for path in ("neuron.bmp", "neuron"):
        with pytest.raises(OptionError, match="a picture is written as one of svg, png"):
            picture.save(tmp_path / path)


def test_an_interrupted_save_leaves_the_old_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "neuron.svg"
    path.write_text("old", "utf-8")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        draw(neuron()).save(path)
    assert path.read_text("utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["neuron.svg"]


def test_a_target_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    (tmp_path / "folder.svg").mkdir()
    picture = draw(neuron())

    for target in (tmp_path / "file" / "a.svg", tmp_path / "folder.svg"):
        with pytest.raises(TargetError, match=r"cannot write '.*': .*; choose another place"):
            picture.save(target)
    assert issubclass(TargetError, OSError)


def test_a_saved_file_has_the_usual_permissions(tmp_path: Path) -> None:
    path = draw(neuron()).save(tmp_path / "a.svg")
    (tmp_path / "b").write_text("", "utf-8")

    assert path.stat().st_mode == (tmp_path / "b").stat().st_mode


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"theme": "pink"}, "theme must be one of light, dark, print, got 'pink'"),
        ({"detail": "much"}, "detail must be one of auto, full, merged, collapsed, summary"),
        ({"time_limit": 0}, "time_limit must be more than 0 seconds, got 0"),
        ({"title": 3}, "title must be a text, got 3"),
        ({"id_prefix": "1 a"}, "id_prefix must be a letter followed by"),
    ],
)
def test_an_option_that_means_nothing_is_refused(options: Any, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        draw(Value(1.0), **options)


def test_what_is_no_computation_is_refused() -> None:
    number: Any = 2.0
    with pytest.raises(NotAValueError, match="draw needs the Value at the end"):
        draw(number)
    with pytest.raises(NotAValueError, match="draw got an empty tape"):
        draw(Tape())
    with pytest.raises(OptionError, match='text comes as "table" or "tree"'):
        draw(Value(1.0)).text("list")


# -- text --------------------------------------------------------------------------------------


def test_the_table_has_a_line_for_each_node() -> None:
    model, loss = network((1,))

    lines = draw(loss, model=model).text().splitlines()
    assert lines[0].split() == ["node", "name", "role", "value", "formula", "local",
                                "derivatives", "gradient"]  # fmt: skip
    assert len(lines) == 1 + len(loss.tape)
    assert "weight[0]" in lines[1] or "weight[0][0]" in lines[1]


def test_long_tables_and_trees_say_what_they_leave_out() -> None:
    out = Value(1.0)
    for _ in range(100):
        out = out.tanh()
    picture = draw(out)

    assert "... 41 rows left out ..." in picture.text()
    assert "more than 60 lines" in picture.text("tree")
    assert len(picture.text("tree", most=None).splitlines()) == 101


def test_the_tree_refers_back_to_what_it_has_shown() -> None:
    x = Value(2.0, label="x")
    y = x.exp()
    tree = draw(y * y).text("tree")

    assert tree.splitlines()[1].startswith("├─ 7.389: v1 = exp(x)")
    assert tree.splitlines()[-1] == "└─ 7.389: v1    see above"


def test_a_folded_picture_has_a_table_and_a_tree() -> None:
    model, loss = network((4, 4, 1))
    picture = draw(loss, model=model, detail="collapsed")

    assert "layers.0.neurons.3" in picture.text()
    assert "3 weights, 2 constants, 2 operations" in picture.text("tree")
