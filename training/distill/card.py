"""The student's model card."""

from collections.abc import Mapping
from typing import Any

from training.distill.recipe import StudentRecipe

_TEXT = """# {name}

{description}

The student of the topic model `{teacher}`, for `standfirst score --tier fast`: where it is sure it answers, and hands
every other paragraph on to its teacher. It answers for that model alone. Scores are calibrated to the teacher's, and
differ from them.

| dev, {n_dev:,} rows | macro-F1 |
|---|---|
| teacher alone | {full:.4f} |
| student alone | {student:.4f} |
| fast tier, {share_dev:.1%} handed on | {fast:.4f} |

What is handed on was set on {n_held:,} texts that neither model had learnt from, so that at most {allowed} of
macro-F1 is lost, as the teacher's own probabilities expect it: {share_held:.1%} of them, {lost:.4f}. The student learnt
from the teacher's probabilities on {n_learnt:,} texts; none is of a document of dev.

On one thread the student reads {student_per_s:,} texts a second, {times:.0f} times as many as its teacher; with what it
hands on the fast tier is {both:.1f} times as fast as the teacher alone. An archive in which more paragraphs are about
the labels hands on more.

Recipe, seed, texts and versions stand in `manifest.json`. Made again by `python -m training distill`.
"""


def student_card(recipe: StudentRecipe, facts: Mapping[str, Any]) -> str:
    """The card as Markdown."""
    figures = facts["metrics"]
    dev, held, speed = figures["dev"], figures["held_out"], figures["rates"]
    return _TEXT.format(
        name=recipe.name,
        description=recipe.description,
        teacher=facts["teacher"],
        n_dev=dev["n"],
        full=dev["full"]["macro_f1"],
        student=dev["student"]["macro_f1"],
        fast=dev["fast"]["macro_f1"],
        share_dev=dev["handed_on"],
        n_held=held["n"],
        allowed=recipe.loses_at_most,
        share_held=held["handed_on"],
        lost=held["loss"],
        n_learnt=figures["n_learnt"],
        student_per_s=speed["student_per_s"],
        times=speed["student_times_full"],
        both=speed["fast_tier_times_full"],
    )
