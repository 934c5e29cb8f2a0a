"""The specimens by the name of their mistake."""

from collections.abc import Mapping

from autograd.zoo import mistakes
from autograd.zoo.specimens import constants, data, derivatives, gathering, passes, walks
from autograd.zoo.specimens.reference import Value

HEALTHY = "healthy"

ENGINES: Mapping[str, type[Value]] = {
    HEALTHY: Value,
    mistakes.OVERWRITTEN.name: gathering.OverwrittenGradients,
    mistakes.UPSTREAM_DROPPED.name: gathering.UpstreamDropped,
    mistakes.OPERANDS_IN_A_SET.name: gathering.OperandsInASet,
    mistakes.OPERANDS_FORGOTTEN.name: gathering.OperandsForgotten,
    mistakes.CONSTANTS_REFUSED.name: constants.ConstantsRefused,
    mistakes.CONSTANTS_CUT_OFF.name: constants.ConstantsCutOff,
    mistakes.CONSTANTS_LEAK.name: constants.ConstantsLeak,
    mistakes.REFLECTED.name: constants.ReflectedOperators,
    mistakes.wrong_derivative("*").name: derivatives.ProductKeepsItsFactor,
    mistakes.wrong_derivative("**").name: derivatives.PowerKeepsItsExponent,
    mistakes.wrong_derivative("-").name: derivatives.DifferenceAdds,
    mistakes.wrong_derivative("/").name: derivatives.QuotientWithoutSquare,
    mistakes.wrong_derivative("exp").name: derivatives.ExpAsAPower,
    mistakes.wrong_derivative("tanh").name: derivatives.TanhPlusSquare,
    mistakes.wrong_derivative("relu").name: derivatives.ReluLetsAllThrough,
    mistakes.NOT_SEEDED.name: passes.RootNotSeeded,
    mistakes.SEED_ADDED.name: passes.SeedAdded,
    mistakes.LEAVES_RESET.name: passes.LeavesReset,
    mistakes.NOT_REVERSED.name: walks.NotReversed,
    mistakes.DEPTH_FIRST.name: walks.DepthFirstWalk,
    mistakes.BREADTH_FIRST.name: walks.BreadthFirstWalk,
    mistakes.EVERY_PATH.name: walks.AVisitForEveryPath,
    mistakes.EQUAL_CONFUSED.name: walks.EqualNumbersConfused,
    mistakes.IN_PLACE.name: data.InPlaceOperators,
    mistakes.STALE_INTERMEDIATES.name: passes.StaleIntermediates,
    mistakes.LATE_DATA.name: data.LateData,
    mistakes.RECURSION.name: walks.Recursion,
}
