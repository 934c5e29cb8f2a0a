"""The fine-tuning example: what it prints is what was measured."""

import random

import pytest

from examples import fine_tuning

pytest.importorskip("sklearn", reason="the digits are scikit-learn's")


def test_carried_weights_are_ahead_of_fresh_ones_and_all_is_reproducible() -> None:
    digits = fine_tuning.read_digits()
    tuned, scratch = fine_tuning.once(digits, 10, "micrograd", 1)
    assert len(tuned) == len(scratch) == len(fine_tuning.LOOKS)
    assert tuned[0] > scratch[0] + 0.05
    assert all(0.6 < accuracy < 1.0 for accuracy in (*tuned, *scratch))


def test_the_few_and_the_rest_share_no_picture(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = fine_tuning.of_classes(fine_tuning.read_digits(), 5)
    few, rest = fine_tuning.some_of_each(samples, 3, random.Random(0))
    assert sorted(few[1]) == [k for k in range(5) for _ in range(3)]
    assert len(few[1]) + len(rest[1]) == len(samples[1])
    monkeypatch.setattr(fine_tuning, "once", lambda *_: ([0.1, 0.2, 0.3], [0.3, 0.2, 0.1]))
    fine_tuning.main(["--seeds", "3"])
    last = " ".join(capsys.readouterr().out.splitlines()[-1].split())
    assert last == "median 0.100 0.200 0.300 0.300 0.200 0.100"
