"""A dozen numbers, worked out by hand, with nothing between them and the engine."""

import math

import autograd
from autograd import Tape, Value


def test_product() -> None:
    x = Value(3.0)
    y = Value(-4.0)
    z = x * y
    z.backward()
    assert z.data == -12.0
    assert x.grad == -4.0
    assert y.grad == 3.0


def test_square_and_double() -> None:
    x = Value(3.0)
    y = x * x + 2.0 * x
    y.backward()
    assert y.data == 15.0
    assert x.grad == 8.0


def test_quotient() -> None:
    x = Value(1.0)
    y = Value(4.0)
    z = x / y
    z.backward()
    assert z.data == 0.25
    assert x.grad == 0.25
    assert y.grad == -0.0625


def test_difference() -> None:
    x = Value(5.0)
    y = 1.0 - x
    z = x - y
    z.backward()
    assert z.data == 9.0
    assert x.grad == 2.0


def test_power() -> None:
    x = Value(2.0)
    y = x**10
    y.backward()
    assert y.data == 1024.0
    assert x.grad == 5120.0


def test_exponential_of_zero() -> None:
    x = Value(0.0)
    y = (3.0 * x).exp()
    y.backward()
    assert y.data == 1.0
    assert x.grad == 3.0


def test_logarithm() -> None:
    x = Value(0.5)
    y = x.log()
    y.backward()
    assert y.data == -0.6931471805599453
    assert x.grad == 2.0


def test_tanh_far_out() -> None:
    x = Value(20.0)
    y = x.tanh()
    y.backward()
    assert y.data == 1.0
    # 4 exp(-40) / (1 + exp(-40))**2 to 20 digits: 1.6993417021166355193e-17
    assert abs(x.grad - 1.6993417021166355e-17) <= 1e-32


def test_sigmoid_at_zero() -> None:
    x = Value(0.0)
    y = x.sigmoid()
    y.backward(8.0)
    assert y.data == 0.5
    assert x.grad == 2.0


def test_relu_on_both_sides() -> None:
    a = Value(2.0)
    b = Value(-2.0)
    y = a.relu() + b.relu()
    y.backward()
    assert y.data == 2.0
    assert a.grad == 1.0
    assert b.grad == 0.0


def test_dot_product() -> None:
    w = [Value(1.0), Value(2.0)]
    x = [Value(10.0), Value(100.0)]
    y = autograd.dot(w, x, 5.0)
    y.backward()
    assert y.data == 215.0
    assert w[0].grad == 10.0
    assert w[1].grad == 100.0
    assert x[0].grad == 1.0
    assert x[1].grad == 2.0


def test_chain_of_three() -> None:
    x = Value(math.pi / 6)
    y = x.sin() ** 2
    y.backward()
    assert abs(y.data - 0.25) <= 1e-16
    # 2 sin(x) cos(x) = sin(pi / 3)
    assert abs(x.grad - 0.8660254037844386) <= 2e-16


def test_table_of_a_small_program() -> None:
    a = Value(2.0, label="a")
    b = Value(-3.0, label="b")
    with Tape() as tape:
        c = a * b
    c.backward()
    assert str(tape) == (
        "row  label  value  operation  local derivatives    gradient\n"
        "  0  a          2  leaf                                  -3\n"
        "  1  b         -3  leaf                                   2\n"
        "  2            -6  a * b      d/da = -3, d/db = 2         1"
    )
