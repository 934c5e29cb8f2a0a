"""The processor at hand: what LLVM calls it, what it can do, how wide its vectors are.

The only place that loads llvmlite, and the only place that asks about the host. Knows no
program and no function.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from autograd.errors import missing_extra

# What each kind of processor must and may have, by the names LLVM gives. Widths are in
# doubles; the first feature that the processor has decides.
_WIDTHS = {
    "x86_64": (("avx512f", 8), ("avx", 4), ("sse2", 2)),
    "aarch64": (("neon", 2),),
}
_SAME = {"amd64": "x86_64", "arm64": "aarch64"}


def llvm() -> tuple[Any, Any]:
    """Return llvmlite's two modules, `ir` and `binding`, ready for code of this machine.

    Raises:
        ModuleNotFoundError: if llvmlite is not installed, naming the extra that brings it.
    """
    try:
        from llvmlite import binding, ir  # noqa: PLC0415 - an extra, loaded where it is used
    except ModuleNotFoundError as error:
        raise missing_extra("the native backend", "llvmlite", "native") from error
    _initialise(binding)
    return ir, binding


def llvm_version() -> str:
    """Return which llvmlite generates code, and so which LLVM."""
    llvm()
    from llvmlite import __version__  # noqa: PLC0415 - as above

    return str(__version__)


@cache
def _initialise(binding: Any) -> None:
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()


@dataclass(frozen=True, slots=True)
class Machine:
    """A processor as a target of LLVM.

    Attributes:
        triple: architecture, vendor and system.
        cpu: the processor's name.
        features: what it has and has not, as LLVM writes it: `+avx2,-avx512f`.
        width: how many doubles its widest vector holds.
        has_fma: whether it multiplies and adds with a single rounding.
    """

    triple: str
    cpu: str
    features: str
    width: int
    has_fma: bool

    def target(self, opt: int = 2) -> Any:
        """Return a new target machine that generates code to run in this process.

        Args:
            opt: how hard code generation tries, 0 to 3.
        """
        _, binding = llvm()
        return binding.Target.from_triple(self.triple).create_target_machine(
            cpu=self.cpu,
            features=self.features,
            opt=opt,
            # Addresses of 64 bits, and on x86 written into the code: what is called or read
            # may lie anywhere in the process.
            reloc="static" if self.triple.startswith("x86_64") else "default",
            codemodel="jitdefault",
            jit=True,
        )


@cache
def host() -> Machine:
    """Return the machine that this process runs on.

    Raises:
        ModuleNotFoundError: if llvmlite is not installed.
        NotImplementedError: if the processor is of a kind that the lanes were not made for.
    """
    _, binding = llvm()
    try:
        features = dict(binding.get_host_cpu_features().items())
    except RuntimeError:  # LLVM cannot ask this system; what every such processor has remains.
        features = {}
    return described(binding.get_process_triple(), binding.get_host_cpu_name(), features)


def described(triple: str, cpu: str, features: dict[str, bool]) -> Machine:
    """Return a machine from what LLVM says of it.

    Raises:
        NotImplementedError: if the processor is of a kind that the lanes were not made for.

    >>> machine = described("x86_64-unknown-linux-gnu", "haswell", {"avx": True, "fma": True})
    >>> machine.width, machine.has_fma, machine.features
    (4, True, '+avx,+fma')
    """
    kind = triple.partition("-")[0].lower()
    kind = _SAME.get(kind, kind)
    # What every processor of the kind has, LLVM may leave unsaid.
    known = features | {"x86_64": {"sse2": True}, "aarch64": {"neon": True}}.get(kind, {})
    width = next((n for name, n in _WIDTHS.get(kind, ()) if known.get(name)), 0)
    if not width:
        raise NotImplementedError(
            f"the native backend needs an x86-64 or 64-bit ARM processor, got {cpu!r} "
            f"({triple}); use backend='python'"
        )
    said = ",".join(f"{'+' if has else '-'}{name}" for name, has in sorted(features.items()))
    return Machine(triple, cpu, said, width, kind == "aarch64" or bool(known.get("fma")))
