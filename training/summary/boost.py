"""Boosted trees by scikit-learn, and the same trees as the plain arrays that are served."""

from collections.abc import Sequence

import numpy as np
from sklearn.ensemble import GradientBoostingClassifier

from standfirst.summarize.heads import Boosted
from standfirst.summarize.reading import Floats
from training.summary.recipe import SummaryTrees


def boost(  # noqa: PLR0917
    names: Sequence[str], table: Floats, targets: Floats, weights: Floats, seed: int, how: SummaryTrees
) -> Boosted:
    """Fit the log-odds of ``targets`` (N,), each in [0, 1], on ``table`` (N, F).

    A row whose target lies between 0 and 1 counts for both sides, each by its share.
    """
    model = GradientBoostingClassifier(
        n_estimators=how.n_trees,
        max_depth=how.depth,
        learning_rate=how.learning_rate,
        min_weight_fraction_leaf=how.smallest,
        subsample=how.sample,
        random_state=seed,
    )
    both = np.vstack([table, table]).astype(np.float32)
    sides = np.repeat([1, 0], len(table))
    shares = np.concatenate([targets * weights, (1 - targets) * weights])
    counted = shares > 0
    model.fit(both[counted], sides[counted], sample_weight=shares[counted])
    full = [_full(tree[0].tree_, how.depth) for tree in model.estimators_]
    feature, threshold, value = (np.stack(arrays) for arrays in zip(*full, strict=True))
    value = (value * how.learning_rate).round(6)
    bare = Boosted(tuple(names), 0.0, feature, threshold, value)
    first = dict(zip(names, both[:1].T.astype(float), strict=True))
    base = float(model.decision_function(both[:1])[0] - bare.logits(first)[0])
    return Boosted(bare.names, round(base, 5), feature, threshold, value)


def _full(tree: object, depth: int) -> tuple[Floats, Floats, Floats]:
    """A tree of scikit-learn as one in which every leaf is at ``depth``: below a leaf both sides are the leaf."""
    n_nodes = 2**depth - 1
    feature, threshold, value = np.zeros(n_nodes, np.int64), np.zeros(n_nodes), np.zeros(n_nodes + 1)
    places = {0: 0}
    for node in range(2 * n_nodes + 1):
        own = places[node]
        leaf = tree.children_left[own] < 0  # type: ignore[attr-defined]
        if node >= n_nodes:
            value[node - n_nodes] = tree.value[own, 0, 0]  # type: ignore[attr-defined]
            continue
        if not leaf:
            feature[node], threshold[node] = tree.feature[own], tree.threshold[own]  # type: ignore[attr-defined]
        places[2 * node + 1] = own if leaf else int(tree.children_left[own])  # type: ignore[attr-defined]
        places[2 * node + 2] = own if leaf else int(tree.children_right[own])  # type: ignore[attr-defined]
    return feature, threshold, value
