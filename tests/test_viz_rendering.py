"""Pictures as files and bytes: with `dot`, with pygraphviz, with neither."""

import importlib.util
import shutil
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import graphviz
import pytest

from autograd import Value
from viz import (
    Drawing,
    LayoutTimeoutError,
    NoRendererError,
    OptionError,
    RenderingError,
    draw_dot,
    render,
)

SVG = "{http://www.w3.org/2000/svg}"
TITLE = "{http://www.w3.org/1999/xlink}title"

HOSTILE = [
    "a{b",
    "}a|b{",
    "<b>bold</b>",
    "<>",
    "<port> x",
    'say "hi"',
    'end\\"',
    "\\",
    "a\\nb",
    r"\N \G {|} \l",
    "R&D",
    "&lt;&#65;",
    "two\nlines",
    "  two  spaces ",
    "a:b;c -> d [x=1]",
    "naïve ∂L/∂w 🎈",
    "]]><!-- ?>",
    "// # /* */",
    "\u202eabc",
]
UNPRINTABLE = [
    ("tab\there", r"tab\there"),
    ("bell\a", r"bell\x07"),
    ("nul\0l", r"nul\x00l"),
    ("half\ud800", r"half\ud800"),
]


def hide_dot(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("PATH", str(folder))


def hide_pygraphviz(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


@pytest.fixture(params=["dot", "pygraphviz"])
def road(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> str:
    """Leave one renderer and hide the other."""
    if request.param == "dot":
        if shutil.which("dot") is None:
            pytest.skip("the program dot is not on the PATH")
        hide_pygraphviz(monkeypatch)
    else:
        if importlib.util.find_spec("pygraphviz") is None:
            pytest.skip("pygraphviz is not installed")
        (tmp_path / "empty").mkdir()
        hide_dot(monkeypatch, tmp_path / "empty")
    return str(request.param)


@pytest.fixture
def no_renderer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hide_dot(monkeypatch, tmp_path)
    hide_pygraphviz(monkeypatch)


def product(label: str = "x", value: float = 2.0) -> Value:
    out: Value = Value(value, label=label) * 3.0
    out.backward()
    return out


def notebook(picture: Drawing, **options: Any) -> dict[str, Any]:
    """Return what a notebook gets when it asks for the picture."""
    return dict(picture._repr_mimebundle_(**options))


def elements(svg: bytes, kind: str) -> list[ET.Element]:
    root = ET.fromstring(svg)  # noqa: S314 - our own picture
    return [group for group in root.iter(f"{SVG}g") if kind in group.get("class", "").split()]


def words(group: ET.Element) -> list[str]:
    """Return the lines of text of an element; Graphviz writes some spaces as no-break ones."""
    return [(text.text or "").replace("\xa0", " ") for text in group.iter(f"{SVG}text")]


def tooltips(group: ET.Element) -> set[str]:
    return {str(a.get(TITLE)).replace("\xa0", " ") for a in group.iter(f"{SVG}a")}


@pytest.mark.usefixtures("road")
@pytest.mark.parametrize(
    ("label", "shown"), [*((text, text) for text in HOSTILE), *UNPRINTABLE], ids=ascii
)
def test_a_label_is_shown_as_it_is(label: str, shown: str) -> None:
    svg = draw_dot(product(label)).pipe()
    leaf = elements(svg, "leaf")[0]

    *lines, data, grad = words(leaf)
    assert "\n".join(lines) == shown
    assert (data, grad) == ("data 2", "grad 3")
    assert tooltips(leaf) == {f"{shown}, data 2, grad 3"}


@pytest.mark.usefixtures("road")
@pytest.mark.parametrize("symbol", HOSTILE, ids=ascii)
def test_a_symbol_is_shown_as_it_is(symbol: str) -> None:
    own = Value(4.0, (Value(2.0, label=symbol),), symbol, local_grads=(2.0,))
    svg = draw_dot(own).pipe()
    operation = elements(svg, "operation")[0]

    assert "\n".join(words(operation)) == symbol
    assert tooltips(operation) == {f"v1 = {symbol}({symbol})"}
    assert tooltips(elements(svg, "operand")[0]) == {f"{symbol}\nd(v1)/d({symbol}) = 2"}


@pytest.mark.usefixtures("road")
def test_the_svg_has_every_node_and_arrow() -> None:
    x = Value(3.0, label="x")
    svg = draw_dot(x * x - x).pipe()

    assert sorted(e[0].text or "" for e in elements(svg, "edge")) == [
        "v0->v1op",
        "v0->v1op",
        "v0->v2op",
        "v1->v2op",
        "v1op->v1",
        "v2op->v2",
    ]
    nodes = {e[0].text for e in elements(svg, "node")}
    assert nodes == {"v0", "v1op", "v1", "v2op", "v2"}
    assert sorted(line.strip() for e in elements(svg, "edge") for line in words(e)) == [
        "3",
        "3",
        "left: 1",
        "right: -1",
    ]


@pytest.mark.usefixtures("road")
def test_pictures_in_one_page_share_no_id() -> None:
    values = [product(), product(value=4.0), product(), product()]
    prefixes = [None, None, "before", "after"]
    pictures = [
        draw_dot(value, id_prefix=prefix).pipe()
        for value, prefix in zip(values, prefixes, strict=True)
    ]
    ids = [
        [element.get("id") for element in ET.fromstring(svg).iter() if element.get("id")]  # noqa: S314
        for svg in pictures
    ]

    everything = [name for names in ids for name in names]
    assert len(everything) == len(set(everything))
    assert {"before-v0", "before-v1op", "before-v1in0", "before-v1out"} <= set(ids[2])


@pytest.mark.usefixtures("road")
def test_the_background_is_explicit() -> None:
    graph = elements(draw_dot(product()).pipe(), "graph")[0]
    background = next(graph.iter(f"{SVG}polygon"))

    # The newer Graphviz writes the name of the colour.
    assert background.get("fill") in {"#ffffff", "white"}


@pytest.mark.usefixtures("road")
@pytest.mark.parametrize(
    ("suffix", "start"), [("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml")]
)
def test_other_formats_work(suffix: str, start: bytes) -> None:
    assert draw_dot(product(), suffix).pipe().startswith(start)
    assert draw_dot(product()).pipe(suffix).startswith(start)


@pytest.mark.usefixtures("road")
def test_pipe_gives_text_for_an_encoding() -> None:
    assert "naïve" in draw_dot(product("naïve")).pipe(encoding="utf-8")


@pytest.mark.usefixtures("road")
def test_render_writes_the_picture_and_nothing_else(tmp_path: Path) -> None:
    picture = draw_dot(product(), format="png")

    assert picture.render(tmp_path / "a" / "gout") == str(tmp_path / "a" / "gout.png")
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["gout.png"]
    assert (tmp_path / "a" / "gout.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.usefixtures("road")
def test_render_finds_its_file_as_graphviz_does(tmp_path: Path) -> None:
    picture = draw_dot(product())

    assert picture.render("b", tmp_path) == str(tmp_path / "b.svg")
    assert picture.render(directory=tmp_path) == str(tmp_path / "gradients.gv.svg")
    assert picture.render("b", tmp_path, format="pdf") == str(tmp_path / "b.pdf")
    assert picture.render(outfile=tmp_path / "c.png") == str(tmp_path / "c.png")
    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")
    assert picture.render(outfile=tmp_path / "plain") == str(tmp_path / "plain")
    assert (tmp_path / "plain").read_bytes().startswith(b"<?xml")


@pytest.mark.usefixtures("road")
def test_render_leaves_the_source_when_asked(tmp_path: Path) -> None:
    picture = draw_dot(product("naïve"))
    picture.render("d", tmp_path, cleanup=False)
    picture.render(outfile=tmp_path / "e.svg", cleanup=False)

    assert sorted(p.name for p in tmp_path.glob("?.*")) == ["d.svg", "e.gv", "e.svg"]
    assert (tmp_path / "d").read_text("utf-8") == picture.source
    assert (tmp_path / "e.gv").read_text("utf-8") == picture.source


@pytest.mark.usefixtures("road")
def test_render_overwrites_unless_told_not_to(tmp_path: Path) -> None:
    picture = draw_dot(product())
    picture.render("f", tmp_path)
    picture.render("f", tmp_path)

    with pytest.raises(graphviz.FileExistsError, match=r"output file exists: .*f\.svg"):
        picture.render("f", tmp_path, raise_if_result_exists=True)


@pytest.mark.usefixtures("road")
def test_view_shows_the_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    viewed: list[tuple[Path, bool]] = []

    def viewer(path: Path, *, quiet: bool) -> None:
        viewed.append((path, quiet))

    monkeypatch.setattr(graphviz, "view", viewer)
    path = tmp_path / "g.svg"

    assert draw_dot(product()).view("g", tmp_path) == str(path)
    draw_dot(product()).render("g", tmp_path, quiet_view=True)
    assert viewed == [(path, False), (path, True)]


@pytest.mark.usefixtures("road")
def test_a_format_that_graphviz_lacks_is_a_clear_error() -> None:
    with pytest.raises(RenderingError, match=r"not make the odd picture: Format: .odd. not"):
        draw_dot(product()).pipe("odd")


@pytest.mark.usefixtures("road")
def test_nothing_but_graphviz_is_ever_run() -> None:
    with pytest.raises(OptionError, match=r"engine must be one of circo, dot, .*, got 'sh'"):
        draw_dot(product()).pipe(engine="sh")
    assert draw_dot(product()).pipe(engine="neato").startswith(b"<?xml")


@pytest.mark.usefixtures("road")
def test_a_layout_is_stopped_after_the_time_limit() -> None:
    picture = draw_dot(product())
    picture.time_limit = 1e-6

    with pytest.raises(LayoutTimeoutError) as problem:
        picture.pipe()
    assert str(problem.value) == (
        "Graphviz needed more than 1e-06 s for this drawing and was stopped; draw a smaller "
        "piece, or give it longer with drawing.time_limit = <seconds>"
    )
    assert isinstance(problem.value, TimeoutError)


@pytest.mark.usefixtures("road")
def test_a_notebook_shows_the_picture() -> None:
    bundle = notebook(draw_dot(product()))

    assert bundle.keys() == {"image/svg+xml", "text/plain"}
    assert bundle["image/svg+xml"].startswith("<?xml")
    assert bundle["text/plain"] == "a drawing of 2 values and 1 operation"


@pytest.mark.usefixtures("road")
def test_a_notebook_may_choose_the_format() -> None:
    bundle = notebook(draw_dot(product()), include=["image/png"])

    assert bundle["image/png"].startswith(b"\x89PNG")
    assert "image/svg+xml" not in bundle


@pytest.mark.usefixtures("no_renderer")
def test_without_a_renderer_both_remedies_are_named(tmp_path: Path) -> None:
    picture = draw_dot(product())

    for make in (picture.pipe, lambda: picture.render("h", tmp_path)):
        with pytest.raises(NoRendererError) as problem:
            make()
        assert str(problem.value).startswith(
            "making a picture needs Graphviz, and neither its program dot is on the PATH nor "
            "is the Python package pygraphviz installed. Either of these is enough:\n"
            '  pip install "wengert[render]" '
        )
        for command in ("apt install graphviz", "brew install graphviz", "winget install"):
            assert command in str(problem.value)
        assert "its .source is DOT text" in str(problem.value)
        assert isinstance(problem.value, graphviz.ExecutableNotFound)
    assert picture.source.startswith("// a drawing of 2 values and 1 operation\ndigraph")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("no_renderer")
def test_without_a_renderer_a_notebook_shows_the_remedies() -> None:
    bundle = notebook(draw_dot(product()))

    assert bundle.keys() == {"text/plain"}
    assert bundle["text/plain"].startswith(
        "a drawing of 2 values and 1 operation\n\nmaking a picture needs Graphviz"
    )
    assert 'pip install "wengert[render]"' in bundle["text/plain"]


def test_a_notebook_shows_why_a_layout_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bytes:
        raise LayoutTimeoutError("too slow")

    monkeypatch.setattr(render, "picture", fail)

    assert notebook(draw_dot(product())) == {
        "text/plain": "a drawing of 2 values and 1 operation\n\ntoo slow"
    }


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for dot is a script")
@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("sys.stderr.write('first\\nlast\\n'); sys.exit(3)", "last"),
        ("sys.exit(3)", "it ended with code 3"),
        ("pass", "it ended with code 0"),
    ],
)
def test_what_dot_says_is_in_the_error(
    body: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "dot"
    script.write_text(f"#!{sys.executable}\nimport sys\nsys.stdin.read()\n{body}\n", "utf-8")
    script.chmod(0o755)
    hide_dot(monkeypatch, tmp_path)

    with pytest.raises(RenderingError) as failure:
        draw_dot(product()).pipe(renderer="cairo", formatter="gd")
    assert str(failure.value) == (
        f"Graphviz could not make the svg:cairo:gd picture: {problem}"
    )


def test_a_drawing_made_by_hand_has_a_repr_too() -> None:
    assert repr(Drawing()).startswith("<viz.drawing.Drawing object at ")
