"""Plots: what stands on the Axes is what was measured."""

import builtins
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from autograd import Tape, Value
from nn import MLP, Neuron, diagnostics
from tests.test_viz_theme import contrast
from viz import NotAValueError, OptionError, TooLargeError
from viz import plots as typed_plots
from viz.palettes import THEMES, Palette

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402 - after the choice of a back end without windows

# What an Axes holds is looked at here as it comes.
plots: Any = typed_plots


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def line(ax: Any, label: str) -> Any:
    [found] = [one for one in ax.lines if one.get_label() == label]
    return found


def heights(ax: Any, label: str) -> list[float]:
    return [float(y) for y in line(ax, label).get_ydata()]


def network(generator: int = 0) -> MLP:
    return MLP(2, [3, 1], "tanh", seed=generator)


# -- every plot -------------------------------------------------------------------------------

SAMPLES = ([[0.0, 0.0], [1.0, 2.0]], [0, 1])


def swept() -> Value:
    x, w = Value(2.0, label="x"), Value(-0.5, label="w")
    y = (x * w).tanh() + x
    y.backward()
    return y


PLOTS: dict[str, Any] = {
    "curves": lambda **how: plots.curves({"loss": [1.0, 0.5]}, **how),
    "update_ratios": lambda **how: plots.update_ratios([{"w": -2.0}, {"w": -3.0}], **how),
    "decision_boundary": lambda **how: plots.decision_boundary(
        lambda x: x[0] - x[1], SAMPLES, resolution=5, **how
    ),
    "histograms": lambda **how: plots.histograms(network(), **how),
    "gradient_flow": lambda **how: plots.gradient_flow({"a": [1.0], "b": [0.1, 0.2]}, **how),
    "network": lambda **how: plots.network(network(), **how),
    "tangent": lambda **how: plots.tangent(lambda x: x**2, 1.0, **how),
    "activation_functions": lambda **how: plots.activation_functions("tanh", **how),
    "timeline": lambda **how: plots.timeline(swept(), **how),
}


@pytest.mark.parametrize("name", PLOTS)
def test_a_plot_is_drawn_on_the_axes_it_is_given_and_returns_it(name: str) -> None:
    _, (left, right) = plt.subplots(1, 2)

    assert PLOTS[name](ax=right) is right
    assert right.has_data()
    assert not left.has_data()


@pytest.mark.parametrize("name", PLOTS)
def test_a_plot_shows_no_window(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plt, "show", lambda *_: pytest.fail("a window was shown"))

    PLOTS[name]().figure.canvas.draw()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", PLOTS)
def test_all_text_of_a_plot_can_be_read_in_every_theme(name: str, theme: str) -> None:
    ax = PLOTS[name](theme=theme)

    ax.figure.canvas.draw()
    paper = matplotlib.colors.to_hex(ax.figure.get_facecolor())
    assert paper == THEMES[theme].paper
    texts = [
        text for text in ax.figure.findobj(matplotlib.text.Text) if text.get_text().strip()
    ]
    assert texts
    for text in texts:
        assert contrast(matplotlib.colors.to_hex(text.get_color()), paper) >= 4.5, text


@pytest.mark.parametrize("colours", THEMES.values(), ids=list(THEMES))
def test_lines_stand_out_from_the_paper(colours: Palette) -> None:
    for colour in (*colours.series, colours.far_above, colours.far_below):
        assert contrast(colour, colours.paper) >= 3.0


@pytest.mark.parametrize("name", PLOTS)
def test_without_matplotlib_one_line_says_what_brings_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = builtins.__import__

    def without(module: str, *rest: Any) -> Any:
        if module.split(".", maxsplit=1)[0] == "matplotlib":
            raise ModuleNotFoundError(name="matplotlib")
        return load(module, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ModuleNotFoundError, match=r'pip install "wengert\[plots\]"'):
        PLOTS[name]()


@pytest.mark.parametrize("name", PLOTS)
def test_what_is_no_theme_and_no_axes_is_refused(name: str) -> None:
    with pytest.raises(OptionError, match="theme must be one of light, dark, print"):
        PLOTS[name](theme="pink")
    with pytest.raises(OptionError, match="ax must be an Axes of matplotlib, got 3"):
        PLOTS[name](ax=3)


# -- curves -----------------------------------------------------------------------------------

HISTORY = {"loss": [1.0, 0.5, 0.25], "val_loss": [1.0, 0.4, 0.6], "lr": [0.1, 0.1, 0.1]}


def test_curves_have_the_numbers_of_training_and_validation_and_mark_the_best() -> None:
    ax = plots.curves(HISTORY)

    assert heights(ax, "training") == [1.0, 0.5, 0.25]
    assert heights(ax, "validation") == [1.0, 0.4, 0.6]
    assert [float(x) for x in line(ax, "training").get_xdata()] == [1.0, 2.0, 3.0]
    assert [text.get_text() for text in ax.texts] == ["lowest 0.4, epoch 2"]
    assert line(ax, "validation").get_linestyle() == "--"


def test_the_best_accuracy_is_the_highest() -> None:
    ax = plots.curves({"accuracy": [0.5, 0.9, 0.8]}, "accuracy")

    assert [text.get_text() for text in ax.texts] == ["highest 0.9, epoch 2"]


def test_several_runs_have_a_colour_each() -> None:
    ax = plots.curves({"slow": HISTORY, "fast": {"loss": [0.5, 0.1]}}, log=True)

    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["slow training", "slow validation", "fast"]
    colours = {name: line(ax, name).get_color() for name in labels}
    assert colours["slow training"] == colours["slow validation"] != colours["fast"]
    assert ax.get_yscale() == "log"


def test_a_smoothed_curve_is_a_moving_mean_with_the_numbers_behind_it() -> None:
    ax = plots.curves({"loss": [4.0, 0.0, 0.0]}, smooth=0.5, best=False)

    # Weights 1; 1/2, 1; 1/4, 1/2, 1.
    assert heights(ax, "training") == pytest.approx([4.0, 2.0 / 1.5, 1.0 / 1.75])
    assert [float(y) for y in ax.lines[0].get_ydata()] == [4.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("history", "what", "message"),
    [
        ({}, "loss", "there is nothing to draw for 'loss'; there is nothing"),
        ({"loss": []}, "loss", "there is nothing to draw for 'loss'; there is nothing"),
        (HISTORY, "accuracy", "nothing to draw for 'accuracy'; there is loss, val_loss, lr"),
        ({"a": {"lr": [1.0]}}, "loss", "nothing to draw for 'loss' in 'a'; there is lr"),
        ([1.0, 2.0], "loss", r"needs what nn.fit returns, lists of numbers by name, got \[1.0"),
    ],
)
def test_a_history_without_numbers_is_refused(history: Any, what: str, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        plots.curves(history, what)


def test_nan_in_a_history_is_never_the_best() -> None:
    ax = plots.curves({"loss": [math.nan, 2.0, 1.0]})

    assert [text.get_text() for text in ax.texts] == ["lowest 1, epoch 3"]
    assert not plots.curves({"loss": [math.nan]}).texts


@pytest.mark.parametrize("smooth", [-0.1, 1.0])
def test_smoothing_has_bounds(smooth: float) -> None:
    with pytest.raises(OptionError, match="smooth must be from 0 to below 1"):
        plots.curves(HISTORY, smooth=smooth)


def test_update_ratios_have_a_line_for_each_tensor_and_the_healthy_one() -> None:
    ax = plots.update_ratios([{"w": -2.0, "b": None}, {"w": -2.5, "b": -4.0}])

    assert heights(ax, "w") == [-2.0, -2.5]
    assert math.isnan(heights(ax, "b")[0])
    assert [float(y) for y in ax.lines[0].get_ydata()] == [-3.0, -3.0]
    with pytest.raises(OptionError, match="after each step, got nothing"):
        plots.update_ratios([])


def test_a_tensor_without_any_ratio_has_no_line_and_the_legend_says_so() -> None:
    model = network()
    last = diagnostics.snapshot(model)
    for weight in model.parameters():
        weight.data += 0.01 * weight.data + 0.001
    ax = plots.update_ratios([diagnostics.update_ratios(last, diagnostics.snapshot(model))])

    known, missing = ax.get_legend().legend_handles[2:]
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels[2:] == ["layers.1.weight", "layers.1.bias: no ratio"]
    assert (known.get_linestyle(), missing.get_linestyle()) == ("-", "None")


# -- layers -----------------------------------------------------------------------------------


def test_histograms_are_those_of_numpy() -> None:
    model = MLP(3, [8, 5], seed=1)
    ax = plots.histograms(model, bins=12)

    by_name: dict[str, list[float]] = {}
    for name, weight in model.named_parameters():
        if "bias" not in name:
            by_name.setdefault(name.partition("[")[0], []).append(weight.data)
    everything = [x for numbers in by_name.values() for x in numbers]
    edges = np.linspace(min(everything), max(everything), 13)
    assert len(ax.patches) == len(by_name) == 2
    for patch, (name, numbers) in zip(ax.patches, by_name.items(), strict=True):
        counts, _ = np.histogram(numbers, edges)
        assert patch.get_data().values == pytest.approx(counts / len(numbers))
        assert patch.get_label() == f"{name}: {np.mean(numbers):.4g} ± {np.std(numbers):.4g}"


def test_histograms_of_activations_and_of_gradients() -> None:
    model = network()
    outputs = diagnostics.layer_outputs(model, SAMPLES[0])
    assert [patch.get_label().split(":")[0] for patch in plots.histograms(outputs).patches] == [
        "layers.0",
        "layers.1",
    ]
    with pytest.raises(
        OptionError, match=r"no gradients yet: call backward\(\) on a loss first"
    ):
        plots.histograms(model, "gradients")
    model([1.0, 2.0]).backward()
    assert len(plots.histograms(model, "gradients", biases=True).patches) == 4


def test_layer_outputs_are_what_the_layers_give() -> None:
    model = network()
    [first, last] = diagnostics.layer_outputs(model, [[0.5, -1.0]]).values()

    assert first == [neuron([0.5, -1.0]).data for neuron in model.layers[0].neurons]
    assert last == [model([0.5, -1.0]).data]
    with pytest.raises(TypeError, match="layer_outputs needs a model with a list of layers"):
        diagnostics.layer_outputs(Neuron(2), SAMPLES[0])


def test_equal_numbers_and_bad_ones_have_bins_too() -> None:
    [patch] = plots.histograms({"a": [2.0, 2.0]}, bins=1).patches
    assert [float(height) for height in patch.get_data().values] == [1.0]
    [patch] = plots.histograms({"a": [1.0, math.inf, 0.0, math.nan]}, bins=2).patches
    assert [float(height) for height in patch.get_data().values] == [0.25, 0.25]


def test_gradient_flow_has_means_and_largest_and_says_what_is_missing() -> None:
    ax = plots.gradient_flow({"a": [-0.5, 0.1], "b": [0.0, 0.0], "c": [math.nan, 2.0]})

    means, largest = ax.containers
    assert [bar.get_height() for bar in means] == pytest.approx([0.3, 0.0, 2.0])
    assert [bar.get_height() for bar in largest] == [0.5, 0.0, 2.0]
    assert [text.get_text() for text in ax.texts] == ["all 0", "1 not finite"]
    assert ax.get_yscale() == "log"


def test_gradient_flow_of_a_model_is_that_of_its_weights() -> None:
    model = network()
    model([1.0, 2.0]).backward()
    ax = plots.gradient_flow(model)

    gradients = [abs(w.grad) for neuron in model.layers[0].neurons for w in neuron.w]
    assert ax.containers[0][0].get_height() == pytest.approx(np.mean(gradients))
    assert ax.containers[1][0].get_height() == max(gradients)


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        (3.0, r"a model with named_parameters\(\) is needed, or numbers by name, got 3.0"),
        ({"a": []}, "at least one number for each name"),
        ({}, "at least one number for each name"),
        ({"a": [math.nan]}, "there is no finite number to draw"),
    ],
)
def test_what_has_no_numbers_is_refused(numbers: Any, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        plots.histograms(numbers)


def test_options_of_layers_are_checked() -> None:
    with pytest.raises(OptionError, match="of must be one of weights, gradients, got 'biases'"):
        plots.histograms(network(), "biases")
    with pytest.raises(OptionError, match="bins must be a whole number from 1 on, got 0"):
        plots.histograms(network(), bins=0)
    with pytest.raises(OptionError, match="has no weights"):
        plots.gradient_flow(type("Empty", (), {"named_parameters": list})())


# -- networks ---------------------------------------------------------------------------------


def test_lines_of_a_network_are_its_weights_strongest_last() -> None:
    model = network()
    ax = plots.network(model)

    lines = ax.collections[0]
    weights = [w.data for layer in model.layers for neuron in layer.neurons for w in neuron.w]
    widths = list(lines.get_linewidths())
    assert len(lines.get_segments()) == len(weights) == 9
    assert widths == sorted(widths)
    blue_over_red = [float(colour[2] - colour[0]) for colour in lines.get_colors()]
    for weight, blue in zip(sorted(weights, key=abs), blue_over_red, strict=True):
        assert (weight > 0) == (blue > 0)


def test_the_scale_of_a_network_can_be_set_and_is_shown() -> None:
    ax = plots.network(network(), extent=4.0, names=["x", "y"])

    [bar] = [other for other in ax.figure.axes if other is not ax]
    assert [text.get_text() for text in bar.get_yticklabels()] == ["-4", "0", "4"]
    texts = [text.get_text() for text in ax.texts]
    assert {"2 inputs", "3 hidden", "1 output", "x", "y"} <= set(texts)


def test_a_wide_layer_says_how_many_neurons_are_left_out() -> None:
    ax = plots.network(MLP(3, [30, 1]), most=8)

    assert "22 more" in [text.get_text() for text in ax.texts]
    assert len(ax.collections[0].get_segments()) == 3 * 8 + 8


def test_a_network_of_gradients_needs_them() -> None:
    model = network()
    with pytest.raises(
        OptionError, match=r"no gradients yet: call backward\(\) on a loss first"
    ):
        plots.network(model, "gradients")
    model([1.0, 2.0]).backward()
    plots.network(model, "gradients")
    model.layers[0].neurons[0].w[0].grad = math.nan
    model.layers[1].neurons[0].b.grad = math.inf
    colours = plots.network(model, "gradients").collections[0].get_colors()
    assert matplotlib.colors.to_hex(colours[-1]) == THEMES["light"].warning


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"of": "biases"}, "of must be one of weights, gradients"),
        ({"most": 1}, "most must be a whole number from 2 on"),
        ({"names": ["x"]}, "names must be 2, one for each input, got 1"),
    ],
)
def test_options_of_a_network_are_checked(options: Any, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        plots.network(network(), **options)


def test_what_is_no_network_of_neurons_is_refused() -> None:
    with pytest.raises(OptionError, match=r"layers of neurons, such as nn\.MLP, got 3"):
        plots.network(3)


# -- decision boundaries ----------------------------------------------------------------------


def test_the_boundary_of_a_line_is_that_line() -> None:
    ax = plots.decision_boundary(lambda x: 2.0 * x[0] - x[1] + 0.5, SAMPLES)

    boundary = ax.collections[-1]
    points = np.concatenate([path.vertices for path in boundary.get_paths()])
    assert len(points) > 10
    assert points[:, 1] == pytest.approx(2.0 * points[:, 0] + 0.5)


def test_samples_stand_where_they_are_by_class() -> None:
    xs, ys = [[0.0, 0.0], [1.0, 2.0], [3.0, 1.0]], [1, -1, 1]
    ax = plots.decision_boundary(lambda x: x[0], (xs, ys), resolution=3)

    below, above = ax.lines
    assert below.get_xydata().tolist() == [[1.0, 2.0]]
    assert above.get_xydata().tolist() == [[0.0, 0.0], [3.0, 1.0]]
    assert below.get_marker() != above.get_marker()
    assert below.get_color() != above.get_color()


def legend_of(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_a_boundary_explains_its_bands_its_line_and_its_samples() -> None:
    targets = [0.75, -1.0, 1.0]
    samples = ([[0.0, 0.0], [1.0, 2.0], [3.0, 1.0]], targets)
    ax = plots.decision_boundary(lambda x: x[0], samples, threshold=0.5, extent=2.0)

    [bar] = [other for other in ax.figure.axes if other is not ax]
    assert [text.get_text() for text in bar.get_yticklabels()] == ["-1.5", "0.5", "2.5"]
    assert bar.get_ylabel() == "output; line: 0.5"
    assert legend_of(ax) == ["target -1", "targets 0.75 to 1"]


def test_a_boundary_without_samples_has_no_legend() -> None:
    ax = plots.decision_boundary(lambda x: x[0], limits=(-1.0, 1.0, -1.0, 1.0), resolution=3)

    assert ax.get_legend() is None


def test_classes_are_coloured_by_the_largest_output_as_sure_as_it_is() -> None:
    def model(x: list[float]) -> list[float]:
        return [5.0 * x[0], 0.0, -5.0 * x[0]]

    data = ([[-1.0, 0.0], [0.0, 0.0], [1.0, 0.0]], [2, 1, 0])
    ax = plots.decision_boundary(model, data, limits=(-1.0, 1.0, -1.0, 1.0), resolution=3)

    [image] = ax.images
    row = [matplotlib.colors.to_hex(colour) for colour in image.get_array()[1]]
    paper = np.array(matplotlib.colors.to_rgb(THEMES["light"].paper))
    assert row[1] == THEMES["light"].paper  # all three alike
    for place, kind in ((0, 2), (2, 0)):
        share = 1.0 / (1.0 + math.exp(-5.0) + math.exp(-10.0))
        ink = np.array(matplotlib.colors.to_rgb(THEMES["light"].series[kind]))
        weight = 0.55 * (share - 1 / 3) / (2 / 3)
        expected = (1 - weight) * paper + weight * ink
        assert np.asarray(image.get_array())[1][place] == pytest.approx(expected)
    assert len(ax.lines) == 3
    assert legend_of(ax) == ["target 0", "target 1", "target 2"]
    assert ax.figure.axes == [ax]


def test_a_model_is_asked_as_in_use_and_behaves_as_before_afterwards() -> None:
    seen = []

    class Model(MLP):
        def __call__(self, x: Any) -> Any:
            seen.append(self.training)
            return super().__call__(x)

    model = Model(2, [1])
    model.train()
    with Tape() as tape:
        plots.decision_boundary(model, SAMPLES, resolution=2)

    assert seen == [False] * 4
    assert model.training
    assert len(tape) == 0


def test_a_faster_way_to_the_outputs_may_be_given() -> None:
    def predict(points: list[list[float]]) -> list[float]:
        return [x - y for x, y in points]

    slow = plots.decision_boundary(lambda x: x[0] - x[1], SAMPLES, resolution=6)
    fast = plots.decision_boundary(None, SAMPLES, resolution=6, predict=predict)

    for one, other in zip(slow.collections, fast.collections, strict=True):
        for path, same in zip(one.get_paths(), other.get_paths(), strict=True):
            assert path.vertices == pytest.approx(same.vertices)


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (None, {}, r"give data, or limits=\(left, right, bottom, top\)"),
        (([[1.0, 2.0, 3.0]], [0]), {}, "over two inputs, got a sample of 3"),
        (([[1.0, 2.0]], [0, 1]), {}, "got 1 samples and 2 targets"),
        (([], []), {}, "got 0 samples and 0 targets"),
        ([[1.0, 2.0]], {}, r"samples and targets, got \[\[1.0, 2.0\]\] \(list\)"),
        (SAMPLES, {"resolution": 1}, "resolution must be a whole number from 2 on, got 1"),
    ],
)
def test_what_is_no_plane_of_samples_is_refused(data: Any, options: Any, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        plots.decision_boundary(lambda x: x[0], data, **options)


def test_a_model_that_gives_nan_is_refused() -> None:
    with pytest.raises(OptionError, match="needs finite outputs"):
        plots.decision_boundary(lambda _: math.nan, SAMPLES, resolution=2)


# -- functions --------------------------------------------------------------------------------


def test_the_tangent_has_the_slope_of_the_function() -> None:
    ax = plots.tangent(lambda x: x**3 - x, 2.0, limits=(0.0, 4.0))

    assert ax.get_title() == "at x = 2: value 6, slope 11"
    (x0, y0), (x1, y1) = line(ax, "tangent").get_xydata()
    assert (y1 - y0) / (x1 - x0) == pytest.approx(11.0)
    assert y0 + 11.0 * (2.0 - x0) == pytest.approx(6.0)
    xs, ys = line(ax, "f(x)").get_data()
    assert np.array(ys) == pytest.approx(np.array(xs) ** 3 - np.array(xs))


def test_a_curve_ends_where_the_function_does() -> None:
    ax = plots.tangent(lambda x: x**0.5, 1.0)

    xs, ys = line(ax, "f(x)").get_data()
    assert np.isnan(ys)[np.array(xs) < 0].all()
    assert not np.isnan(ys)[np.array(xs) > 0].any()


def test_a_tangent_needs_a_slope() -> None:
    with pytest.raises(OptionError, match="needs a finite value and slope, got 0 and inf"):
        plots.tangent(lambda x: x**0.5, 0.0)
    with pytest.raises(OptionError, match="limits must be two numbers, left < right"):
        plots.tangent(lambda x: x, 0.0, limits=(1.0, 1.0))


def test_activations_stand_beside_their_derivatives() -> None:
    ax = plots.activation_functions("tanh", limits=(-2.0, 2.0))

    xs = np.array(line(ax, "tanh").get_xdata())
    assert heights(ax, "tanh") == pytest.approx(np.tanh(xs))
    assert heights(ax, "derivative") == pytest.approx(1.0 - np.tanh(xs) ** 2)


def test_the_shade_is_explained_where_there_is_one() -> None:
    shade = "|derivative| < 0.05"

    assert legend_of(plots.activation_functions("tanh")) == ["tanh", "derivative", shade]
    steep = plots.activation_functions("tanh", limits=(-1.0, 1.0))
    assert legend_of(steep) == ["tanh", "derivative"]


def test_several_activations_have_an_axes_each() -> None:
    panels = plots.activation_functions(["relu", "gelu", "silu", "sigmoid"])

    assert [ax.get_title() for ax in panels] == ["relu", "gelu", "silu", "sigmoid"]
    assert set(panels[0].figure.axes) == set(panels)


@pytest.mark.parametrize("name", ["nothing", "mul", "where"])
def test_what_is_no_function_of_one_number_is_refused(name: str) -> None:
    with pytest.raises(OptionError, match=f"there is no activation function {name!r}"):
        plots.activation_functions([name])


def test_one_axes_holds_one_activation() -> None:
    _, ax = plt.subplots()
    with pytest.raises(OptionError, match="give ax with a single name"):
        plots.activation_functions(["relu", "tanh"], ax=ax)


# -- timelines --------------------------------------------------------------------------------


def test_the_sweep_meets_rows_in_the_opposite_order() -> None:
    x, w = Value(2.0, label="x"), Value(3.0, label="w")
    y = x * w + x
    y.backward()
    ax = plots.timeline(y)

    labels = [text.get_text() for text in ax.get_yticklabels()]
    assert labels == ["x = 2", "w = 3", "v2 = x * w", "v3 = v2 + x"]
    [dots] = ax.lines[:1]
    assert dots.get_xydata().tolist() == [[0, 0], [1, 1], [2, 2], [3, 3]]
    squares, shares = ax.collections[-2:]
    assert squares.get_offsets().tolist() == [[5.5, 2], [4.5, 3]]
    assert squares.get_array().tolist() == [1.0, 1.0]
    # The sum adds 1 to v2 and to x; the product then adds w = 3 to x and x = 2 to w.
    found = zip(shares.get_offsets().tolist(), shares.get_array().tolist(), strict=True)
    assert sorted((*place, share) for place, share in found) == [
        (4.5, 0, 1.0),
        (4.5, 2, 1.0),
        (5.5, 0, 3.0),
        (5.5, 1, 2.0),
    ]


def test_a_timeline_without_a_sweep_goes_forward_only() -> None:
    ax = plots.timeline(Value(1.0) + 2.0)

    assert [text.get_text() for text in ax.texts] == ["forward; no backward pass yet"]


def test_a_timeline_too_long_or_of_nothing_is_refused() -> None:
    x = Value(1.0)
    for _ in range(200):
        x = x + 1.0
    with pytest.raises(TooLargeError, match="a timeline of 201 rows cannot be read"):
        plots.timeline(x)
    with pytest.raises(NotAValueError):
        plots.timeline(3.0)
