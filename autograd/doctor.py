"""What of wengert works on this machine, tried and not guessed; and what would bring the rest.

    python -m autograd.doctor

prints what is installed and how it fares. It ends with code 0 if all that is installed works,
and with 1 if something that is there is broken. Only this program knows all three packages.
"""

import platform
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

DISTRIBUTION = "wengert"
# What `extra == "all"` and the extras of the developers would say again.
_NOT_FOR_USERS = {"all", "test", "bench", "docs"}
_REQUIREMENT = re.compile(r"^([\w.-]+)\s*([^;]*?)\s*(?:;.*extra\s*==\s*['\"](\w+)['\"])?$")

OK, MISSING, BROKEN = "ok", "missing", "BROKEN"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    Attributes:
        what: what was looked at.
        state: "ok", "missing" or "BROKEN".
        detail: a version, what was seen, or what to do.
    """

    what: str
    state: str
    detail: str


def requirements() -> dict[str, list[tuple[str, str]]]:
    """Return what each extra needs, as (distribution, versions), from the metadata; "" is all.

    Empty if wengert is used from a folder without being installed.
    """
    try:
        lines = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return {}
    found: dict[str, list[tuple[str, str]]] = {}
    for line in lines:
        parsed = _REQUIREMENT.match(line)
        if parsed is not None and parsed[3] not in _NOT_FOR_USERS:
            found.setdefault(parsed[3] or "", []).append((parsed[1], parsed[2].strip("() ")))
    return found


def packages() -> Iterator[Finding]:
    """Yield a finding for each package that wengert can use."""
    for extra, needs in sorted(requirements().items()):
        for name, versions in needs:
            what = f"{name} {versions}".rstrip() + (f", for [{extra}]" if extra else "")
            try:
                yield Finding(what, OK, metadata.version(name))
            except metadata.PackageNotFoundError:
                wanted = f"{DISTRIBUTION}[{extra}]" if extra else DISTRIBUTION
                yield Finding(what, MISSING, f'pip install "{wanted}"')


def renderers() -> Iterator[Finding]:
    """Yield a finding for the program of Graphviz; the package is among the others."""
    what, program = "dot, the program of Graphviz", shutil.which("dot")
    if program is None:
        yield Finding(what, MISSING, "apt install graphviz, or the like")
        return
    asked = [program, "-V"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603
    version = re.search(r"version ([\w.]+)", done.stderr + done.stdout)
    works = done.returncode == 0
    yield Finding(what, OK if works else BROKEN, version[1] if version else "no version")


# -- what is tried ----------------------------------------------------------------------------


def _engine() -> str:
    from autograd import Value  # noqa: PLC0415 - tried, not needed

    x = Value(3.0)
    (x * x).backward()
    _require(x.grad == 6.0, f"d(x*x)/dx at 3 came out as {x.grad}")
    return "the gradient of x*x at 3 is 6"


def _compiled(backend: str) -> str:
    import autograd  # noqa: PLC0415 - tried, not needed

    compiled = autograd.compile(lambda x: autograd.tanh(x) * x, backend=backend)
    value, slope = compiled.value_and_grad(0.5)
    # tanh(0.5) / 2 and tanh(0.5) + 0.5 / cosh(0.5)**2, to twelve digits.
    _require(abs(value - 0.231058578630) < 1e-9, f"a value came out as {value}")
    _require(abs(slope - 0.855341023743) < 1e-9, f"a gradient came out as {slope}")
    return "a compiled function gives its value and gradient"


def _cache() -> str:
    from autograd.compiling.native.objects import cache_folder  # noqa: PLC0415 - tried, not needed

    place = cache_folder()
    if place is None:
        return "turned off; every process compiles anew"
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=place):
        return f"can be written: {place}"


def _picture(kind: str) -> str:
    from autograd import Value  # noqa: PLC0415 - tried, not needed
    from viz import draw  # noqa: PLC0415 - tried, not needed

    y = Value(2.0, label="x") * 3.0
    made = draw(y).png() if kind == "png" else draw(y).svg().encode()
    return f"{len(made):,} bytes"


def _plots() -> str:
    from matplotlib.figure import Figure  # noqa: PLC0415 - tried, not needed

    from viz import plots  # noqa: PLC0415

    ax = Figure().subplots()
    plots.tangent(lambda x: x * x, 1.0, ax=ax)
    return "a tangent was drawn"


def _check() -> str:
    from autograd import check_gradients  # noqa: PLC0415 - tried, not needed

    report = check_gradients(lambda x: x**3, 2.0)
    _require(bool(report), f"x**3 was called wrong:\n{report}")
    return "the gradient of x**3 was checked"


def _files() -> str:
    from nn import MLP, load_weights, save_weights  # noqa: PLC0415 - tried, not needed

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weights.safetensors"
        save_weights(MLP(2, [1]), path)
        load_weights(MLP(2, [1]), path)
    return "weights were saved and loaded as safetensors"


def _require(condition: bool, otherwise: str) -> None:  # noqa: FBT001 - an assertion of ours
    if not condition:
        raise ArithmeticError(otherwise)


# Name, how it is tried, and the packages that it needs.
TRIED: Sequence[tuple[str, Callable[[], str], tuple[str, ...]]] = (
    ("gradients", _engine, ()),
    ("compiled as Python", lambda: _compiled("python"), ()),
    ("compiled as native code", lambda: _compiled("native"), ("llvmlite", "numpy")),
    ("cache of native code", _cache, ("llvmlite",)),
    ("gradient checks", _check, ()),
    ("pictures as SVG", lambda: _picture("svg"), ()),
    ("pictures as PNG", lambda: _picture("png"), ()),
    ("plots", _plots, ("matplotlib",)),
    ("files of weights", _files, ("safetensors", "numpy")),
)


def tried() -> Iterator[Finding]:
    """Yield a finding for each thing that was tried."""
    from viz import NoRendererError  # noqa: PLC0415 - see the file's docstring

    for what, attempt, needed in TRIED:
        absent = [name for name in needed if not _installed(name)]
        if absent:
            yield Finding(what, MISSING, f"needs {', '.join(absent)}")
            continue
        try:
            yield Finding(what, OK, attempt())
        except NoRendererError:
            how = f'apt install graphviz, or pip install "{DISTRIBUTION}[render]"'
            yield Finding(what, MISSING, f"needs Graphviz: {how}")
        except Exception as problem:
            yield Finding(what, BROKEN, f"{type(problem).__name__}: {problem}")


def _installed(name: str) -> bool:
    try:
        import_module(name)
    except ImportError:
        return False
    return True


def _namesake() -> Iterator[Finding]:
    from autograd.namesake import warn_of_namesake  # noqa: PLC0415 - tried, not needed

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_of_namesake()
    for warning in caught:
        yield Finding("import name autograd", BROKEN, str(warning.message))


def report() -> tuple[str, bool]:
    """Return the whole report as text, and whether all that is there works.

    Example:
        >>> text, works = report()
        >>> text.splitlines()[0].startswith("wengert")
        True
    """
    sections = (("Packages", [*packages(), *renderers()]), ("Tried", [*_namesake(), *tried()]))
    lines = [_title(), f"{Path(__file__).parent}"]
    for title, findings in sections:
        lines += ["", title]
        width = max((len(finding.what) for finding in findings), default=0)
        lines += [f"  {f.what:<{width}}  {f.state:<7}  {f.detail}" for f in findings]
    broken = [f.what for _, findings in sections for f in findings if f.state == BROKEN]
    missing = [f.what for _, findings in sections for f in findings if f.state == MISSING]
    lines += ["", _verdict(broken, missing)]
    return "\n".join(lines), not broken


def _title() -> str:
    try:
        version = metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        version = "(not installed)"
    return (
        f"{DISTRIBUTION} {version}, {platform.python_implementation()} "
        f"{platform.python_version()}, {platform.system()} {platform.machine()}"
    )


def _verdict(broken: Sequence[str], missing: Sequence[str]) -> str:
    if broken:
        return f"Broken: {', '.join(broken)}."
    if missing:
        return f'What is installed works. To have everything: pip install "{DISTRIBUTION}[all]"'
    return "Everything is here, and works."


def main(arguments: Sequence[Any] | None = None) -> int:
    """Print the report; return the exit code of the program."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given:
        print(f"autograd.doctor takes no arguments, got {given}", file=sys.stderr)  # noqa: T201
        return 2
    text, works = report()
    print(text)  # noqa: T201 - a program for a terminal
    return 0 if works else 1


if __name__ == "__main__":
    sys.exit(main())
