"""Values, records and scores as JSON, and values back from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bascule.model import Record, Value, is_secret, plain
from bascule.store import scores

from ..show import words
from .caller import Json


def frozen(value: Any) -> Value:
    """A value out of JSON: lists become tuples."""
    if isinstance(value, list):
        return tuple(frozen(one) for one in value)
    return {str(key): frozen(one) for key, one in value.items()} if isinstance(value, dict) else value


def record_as_json(record: Record, known: Mapping[str, Record]) -> Json:
    """A record with where each value came from, without its secret fields. `known`: the records it refers to."""
    shown = {name: value for name, value in record.fields.items() if not is_secret(record.kind, name)}
    return {
        "id": record.id,
        "kind": str(record.kind),
        "state": str(record.state),
        "fields": {name: plain(value) for name, value in shown.items()},
        "names": {
            name: words.shown(record.kind, name, value, known)
            for name, value in shown.items()
            if isinstance(value, str) and value in known
        },
        "sources": {
            name: {
                "origin": source.origin,
                "actor_kind": str(source.actor.kind),
                "actor": source.actor.name,
                "cause": source.cause,
                "at": source.at,
            }
            for name, source in record.sources.items()
        },
    }


def score_as_json(score: scores.Score) -> Json:
    """A score with its parts, as `match` made them."""
    return {
        "score": score.score,
        "rubric_version": score.version,
        "at": score.at,
        "stale": score.stale,
        **plain(score.body),
    }
