"""The most multiply-adds that one core does: a loop of nothing else, made by LLVM.

Ten vectors, each multiplied and added to again and again, none waiting for another: as much
as the processor's units can take. Knows the processor. Knows no network.
"""

import ctypes

# llvmlite has no types.
from typing import Any

from autograd.compiling.native.machine import host, llvm
from benchmarks.peers import MissingPeerError
from benchmarks.timing import Candidate

CHAINS = 10
"""Twice as many as a latency of five cycles needs; two units start one each a cycle."""
TURNS = 200_000


def candidate(multiply_adds: str) -> Candidate:
    """A loop of which a piece is so many multiply-adds in double precision."""
    loop = _Loop()
    return Candidate(loop.run, pieces=max(1, round(loop.multiply_adds / int(multiply_adds))))


class _Loop:
    """The loop in this process.

    Attributes:
        multiply_adds: How many one run makes.
    """

    def __init__(self) -> None:
        try:
            ir, binding = llvm()
            machine = host()
        except (ModuleNotFoundError, NotImplementedError) as error:
            raise MissingPeerError(str(error)) from error
        parsed = binding.parse_assembly(str(_module(ir, machine.width)))
        parsed.verify()
        self._engine = binding.create_mcjit_compiler(parsed, machine.target(2))
        self._engine.finalize_object()
        address = self._engine.get_function_address("loop")
        self._function = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(address)
        self.multiply_adds = TURNS * CHAINS * machine.width

    def run(self) -> float:
        """What the vectors come to: each number tends to 1, as x does in x = 0.5 x + 0.5."""
        return float(self._function(0.5))


def _module(ir: Any, width: int) -> Any:
    """A module with `loop(x)`: every number goes from 0 to x * number + x, TURNS times.

    Returns the mean of all numbers.
    """
    module = ir.Module("multiply_add")
    double, whole = ir.DoubleType(), ir.IntType(64)
    vector = ir.VectorType(double, width)
    function = ir.Function(module, ir.FunctionType(double, [double]), "loop")
    enter, body, leave = map(function.append_basic_block, ("enter", "body", "leave"))
    b = ir.IRBuilder(enter)
    x = ir.Constant(vector, ir.Undefined)
    for lane in range(width):
        x = b.insert_element(x, function.args[0], ir.Constant(ir.IntType(32), lane))
    b.branch(body)
    b.position_at_end(body)
    turn = b.phi(whole)
    chains = [b.phi(vector) for _ in range(CHAINS)]
    following = b.add(turn, ir.Constant(whole, 1))
    # One instruction where the processor has it, else two.
    kind = ir.FunctionType(vector, [vector] * 3)
    multiply_add = ir.Function(module, kind, f"llvm.fmuladd.v{width}f64")
    sums = [b.call(multiply_add, (x, chain, x)) for chain in chains]
    for k, (chain, after) in enumerate(zip(chains, sums, strict=True)):
        # They start apart, lest LLVM sees that they are one.
        chain.add_incoming(ir.Constant(vector, [k / CHAINS] * width), enter)
        chain.add_incoming(after, body)
    turn.add_incoming(ir.Constant(whole, 0), enter)
    turn.add_incoming(following, body)
    b.cbranch(b.icmp_signed("<", following, ir.Constant(whole, TURNS)), body, leave)
    b.position_at_end(leave)
    total = sums[0]
    for after in sums[1:]:
        total = b.fadd(total, after)
    mean = ir.Constant(double, 0.0)
    for lane in range(width):
        number = b.extract_element(total, ir.Constant(ir.IntType(32), lane))
        mean = b.fadd(mean, b.fmul(number, ir.Constant(double, 1.0 / (CHAINS * width))))
    b.ret(mean)
    return module
