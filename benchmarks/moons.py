"""How long does one full-batch step of micrograd's moons example take?

MLP 2-16-16-1, 100 points, hinge loss plus 1e-4 times the squared weights; forward,
backward, gradient descent. All candidates start from the same weights and must come to
the same loss and the same new weights.
"""

from benchmarks import peers
from benchmarks.contest import contest
from benchmarks.moons_learners import FUSED, LEARNERS, MICROGRADS_NN, initial_weights
from benchmarks.report import Target, ratio
from benchmarks.timing import Candidate

QUESTION = "one full-batch step of micrograd's moons example"
PROMISES = {MICROGRADS_NN: 15.0, FUSED: 35.0}


def candidate(name: str) -> Candidate:
    """One way to take the step; its result is the loss and the new weights."""
    learner, start = LEARNERS[name](), initial_weights()

    def restart() -> None:
        learner.set_weights(start)

    def result() -> list[float]:
        restart()
        return [learner.step(), *learner.weights()]

    return Candidate(learner.step, restart, result)


def run(*, full: bool) -> list[Target]:
    """Print the table of this question and return what became of its promises."""
    played = contest(__name__, {name: (name,) for name in LEARNERS}, rounds=9 if full else 5)
    print(f"  all agree: loss {played.result[0]:.12g} and {len(played.result) - 1} new weights")
    print(played.text())
    targets = []
    for name, promised in PROMISES.items() if peers.MICROGRAD in played.timings else ():
        measured = played.timings[name].times_faster_than(played.timings[peers.MICROGRAD])
        promise = f"moons: {name}, at least {promised:g}x micrograd"
        targets.append(Target(promise, ratio(measured), measured.median >= promised))
    return targets
