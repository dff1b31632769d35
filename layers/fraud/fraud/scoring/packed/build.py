"""From the program in a header to evaluators, with every limit checked."""

from collections.abc import Callable
from math import isfinite
from typing import Any

from fraud.errors import InvalidPackedModelError
from fraud.scoring.packed import compose, isolation, linear, links, ops, program, single, stack, trees
from fraud.scoring.packed.arrays import Arrays
from fraud.scoring.packed.choices import ChoiceTable
from fraud.scoring.packed.nodes import NodeTable
from fraud.scoring.packed.scorer import RowScorer
from fraud.scoring.packed.transform_build import TransformBuilder
from fraud.scoring.packed.transforms import RowTransform

MAX_NESTING = 16
MAX_MEMBERS = 256
MAX_DIVISOR = 1_000_000


class Builder:
    """Builds the scorers of one program from its arrays; trees use the kernel, if there is one.

    Raises InvalidPackedModelError for missing arrays, unusable numbers, and programs that are too large.
    """

    def __init__(self, arrays: Arrays, kernel: Any = None) -> None:
        self._arrays, self._kernel = arrays, kernel
        self._by_reference = False
        self._transforms = TransformBuilder(arrays, kernel)
        self._nesting = 0
        self._members = 0

    def scorer(self, spec: program.Scorer, width: int) -> RowScorer:
        """The evaluator of `spec` over rows of `width` finite numbers."""
        self._nesting += 1
        self._members += 1
        if self._nesting > MAX_NESTING or self._members > MAX_MEMBERS:
            raise InvalidPackedModelError(f"the program nests deeper than {MAX_NESTING} or is too large")
        built = _BUILDERS[type(spec)](self, spec, width)
        self._nesting -= 1
        return built

    def linear(self, spec: program.Linear, width: int) -> RowScorer:
        """A weighted sum."""
        return linear.Linear(self._arrays.floats(spec.weights, width), finite(spec.intercept), self._kernel)

    def trees(self, spec: program.Trees, width: int) -> RowScorer:
        """A set of trees."""
        table = self._table(NodeTable, spec.nodes, width)
        return trees.Trees(
            table, self._kernel, single=spec.single, base=finite(spec.base), divisor=positive(spec.divisor)
        )

    def choice_trees(self, spec: ops.ChoiceTrees, width: int) -> RowScorer:
        """A set of trees some of whose splits ask for values."""
        table = self._table(ChoiceTable, spec.nodes, width)
        return trees.Trees(table, self._kernel, single=False, base=finite(spec.base), divisor=positive(spec.divisor))

    def single_trees(self, spec: ops.SingleTrees, width: int) -> RowScorer:
        """A set of trees summed in float32."""
        return single.SingleTrees(self._table(NodeTable, spec.nodes, width), self._kernel, finite(spec.base))

    def isolation_trees(self, spec: ops.IsolationTrees, width: int) -> RowScorer:
        """A set of isolation trees."""
        table = self._table(NodeTable, spec.nodes, width)
        return isolation.IsolationTrees(table, self._kernel, single=spec.single, unit=finite(spec.unit))

    def affine(self, spec: program.Affine, width: int) -> RowScorer:
        """A scaled and shifted scorer."""
        return links.Affine(self.scorer(spec.of, width), finite(spec.scale), finite(spec.offset))

    def sigmoid(self, spec: program.Sigmoid, width: int) -> RowScorer:
        """A probability from log-odds."""
        return links.Sigmoid(self.scorer(spec.of, width))

    def single_sigmoid(self, spec: program.SingleSigmoid, width: int) -> RowScorer:
        """A probability from log-odds, in float32."""
        return single.SingleSigmoid(self.scorer(spec.of, width))

    def steps(self, spec: program.Steps, width: int) -> RowScorer:
        """A calibrated scorer."""
        at = self._arrays.floats(spec.at)
        return links.Steps(self.scorer(spec.of, width), at, self._arrays.floats(spec.value, len(at)))

    def pipeline(self, spec: program.Pipeline, width: int) -> RowScorer:
        """Transforms, each over the width the one before it leaves, then a scorer."""
        transforms: list[RowTransform] = []
        for transform in spec.transforms:
            transforms.append(self._transforms.build(transform, width))
            width = transforms[-1].width
        return compose.Pipeline(transforms, self.scorer(spec.of, width))

    def mean(self, spec: program.Mean, width: int) -> RowScorer:
        """A weighted mean."""
        weights = self._arrays.floats(spec.weights, len(spec.members))
        return compose.Mean([self.scorer(member, width) for member in spec.members], weights)

    def stack(self, spec: program.Stack, width: int) -> RowScorer:
        """A scorer of other scorers' answers."""
        if not spec.members:
            raise InvalidPackedModelError("a stack has no members")
        members = [self.scorer(member, width) for member in spec.members]
        # what the final trees' training rows had for answers is not what the members' bases are
        outer, self._by_reference = self._by_reference, True
        final = self.scorer(spec.of, len(members) + (width if spec.passthrough else 0))
        self._by_reference = outer
        return stack.Stack(members, final, passthrough=spec.passthrough)

    def _table(self, kind: type[NodeTable], name: str, width: int) -> NodeTable:
        table = kind(self._arrays, name, width)
        if self._by_reference:
            table.covered = False
        return table


_BUILDERS: dict[type, Callable[[Builder, Any, int], RowScorer]] = {
    program.Linear: Builder.linear,
    program.Trees: Builder.trees,
    program.Affine: Builder.affine,
    program.Sigmoid: Builder.sigmoid,
    program.Steps: Builder.steps,
    program.Pipeline: Builder.pipeline,
    program.Mean: Builder.mean,
    program.SingleSigmoid: Builder.single_sigmoid,
    program.Stack: Builder.stack,
    ops.ChoiceTrees: Builder.choice_trees,
    ops.SingleTrees: Builder.single_trees,
    ops.IsolationTrees: Builder.isolation_trees,
}


def finite(number: float) -> float:
    """The number; InvalidPackedModelError when it is NaN or infinite."""
    if not isfinite(number):
        raise InvalidPackedModelError(f"the program holds the number {number}")
    return number


def positive(count: int) -> int:
    """The count; InvalidPackedModelError unless there is at least one, and not absurdly many."""
    if not 1 <= count <= MAX_DIVISOR:
        raise InvalidPackedModelError(f"divisor {count} is not positive, or larger than {MAX_DIVISOR}")
    return count
