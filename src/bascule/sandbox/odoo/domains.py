"""Search domains: prefix notation with & | !, and what each operator means to a database."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..kit.tables import Row
from .errors import broken, unknown_field, user_error
from .schema import Field
from .values import MOMENT, empty

if TYPE_CHECKING:
    from .env import Env

Test = Callable[[Row], bool]
COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b, ">": lambda a, b: a > b, "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b,
}  # fmt: skip
NEGATIVE = {"!=": "=", "<>": "=", "not in": "in", "not like": "like", "not ilike": "ilike", "not any": "any"}
LIKE = ("like", "ilike", "=like", "=ilike")
OPERATORS = frozenset({"=", "==", "=?", "in", "any", "child_of", "parent_of", *COMPARED, *NEGATIVE, *LIKE})


def mentions(domain: Any, name: str) -> bool:
    """Whether a field is asked for anywhere in a domain."""
    return any(isinstance(one, list | tuple) and bool(one) and one[0] == name for one in domain)


def compile(env: Env, model: str, domain: Any) -> Test:
    """A function that says whether a row is meant. Raises Refused for what is no domain."""
    if not isinstance(domain, list | tuple):
        raise broken(f"Domains to normalize must have a 'domain' form: a list or tuple of domain components, "
                     f"not {domain!r}")  # fmt: skip
    left = iter(domain)
    tests = list(_terms(env, model, left))
    return lambda row: all(test(row) for test in tests)


def _terms(env: Env, model: str, left: Iterator[Any]) -> Iterator[Test]:
    for one in left:
        yield _term(env, model, one, left)


def _term(env: Env, model: str, one: Any, left: Iterator[Any]) -> Test:
    if one == "!":
        inner = _next(env, model, left)
        return lambda row: not inner(row)
    if one in ("&", "|"):
        first, second = _next(env, model, left), _next(env, model, left)
        if one == "&":
            return lambda row: first(row) and second(row)
        return lambda row: first(row) or second(row)
    if not isinstance(one, list | tuple) or len(one) != 3:
        raise broken(f"Invalid leaf {one!r}")
    name, operator, value = one
    if name in (0, 1) and operator == "=":
        return lambda row: name == value
    operator = str(operator).lower()
    if not isinstance(name, str) or operator not in OPERATORS:
        raise broken(f"Invalid operator {operator!r} in domain term {tuple(one)!r}")
    return _leaf(env, model, name, operator, value)


def _next(env: Env, model: str, left: Iterator[Any]) -> Test:
    for one in left:
        return _term(env, model, one, left)
    raise broken("Domain is syntactically not correct: an operator has too few operands")


def _leaf(env: Env, model: str, path: str, operator: str, value: Any) -> Test:
    name, _, rest = path.partition(".")
    field = env.fields(model).get(name)
    if field is None:
        raise unknown_field(name, model, env.options.version)
    env.may_see(model, name, field, "read")
    if field.type == "properties" and rest:
        return lambda row: _is(_plain_text, (row.get(name) or {}).get(rest), operator, value)
    if rest:
        return _along(env, model, name, field, rest, operator, value)
    if field.compute is not None and field.search is not None:
        return compile(env, model, field.search(operator, value))
    if field.compute is not None and name in ("application_status",):
        # Before there was a search function, such a term was logged and taken to hold.
        return lambda row: True
    if operator == "=?":
        if empty(value):
            return lambda row: True
        operator = "="
    if field.many:
        return _in_list(env, model, name, field, operator, value)
    if field.type == "many2one":
        return _pointing(env, model, name, field, operator, value)
    if field.type == "datetime":
        return _timed(env, model, name, operator, value)
    compared = _typed(field)
    return lambda row: _is(compared, env.value(model, row, name), operator, value)


def _typed(field: Field) -> Callable[[Any], Any]:
    """How values of a field are compared."""
    match field.type:
        case "boolean":
            return bool
        case "integer" | "float" | "monetary" | "many2one_reference":
            return lambda value: value if isinstance(value, int | float) else _as_number(value)
        case _:
            return _plain_text


def _as_number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise broken(f"invalid input syntax for type integer: {value!r}", "Exception") from None


def _plain_text(value: Any) -> Any:
    return value if isinstance(value, str | bool | int | float) else str(value)


def _is(typed: Callable[[Any], Any], held: Any, operator: str, value: Any) -> bool:
    """What a database says of one value; nothing is known of what is empty."""
    if operator in NEGATIVE:
        return _is_not(typed, held, operator, value)
    if typed is bool and operator in ("=", "==", "in"):
        wanted = value if operator == "in" and isinstance(value, list | tuple) else [value]
        return bool(held) in {bool(one) for one in wanted}
    match operator:
        case "=" | "==" | "child_of" | "parent_of":
            if isinstance(value, list | tuple):
                return _is(typed, held, "in", value)
            return held in (None, "") if empty(value) else held is not None and typed(held) == typed(value)
        case "in":
            wanted = value if isinstance(value, list | tuple) else [value]
            known = [typed(one) for one in wanted if not empty(one)]
            return (held is None and any(empty(one) for one in wanted)) or (held is not None and typed(held) in known)
        case "like" | "ilike" | "=like" | "=ilike":
            return _like(held, operator, value)
        case _:
            if held is None or empty(value):
                return False
            return COMPARED[operator](typed(held), typed(value))


def _is_not(typed: Callable[[Any], Any], held: Any, operator: str, value: Any) -> bool:
    """Not that; an empty value is not that either, unless it is what was named."""
    return not _is(typed, held, NEGATIVE[operator], value)


def _like(held: Any, operator: str, value: Any) -> bool:
    if held is None or held is False:
        return False
    wanted = "" if empty(value) else str(value)
    if not operator.startswith("="):
        wanted = f"%{wanted}%"
    pattern = "".join({"%": ".*", "_": "."}.get(one, re.escape(one)) for one in wanted)
    flags = re.DOTALL | (re.IGNORECASE if "ilike" in operator else 0)
    return re.fullmatch(pattern, str(held), flags) is not None


def _timed(env: Env, model: str, name: str, operator: str, value: Any) -> Test:
    if operator in LIKE or (operator in NEGATIVE and NEGATIVE[operator] in LIKE):
        return lambda row: _is(_plain_text, _clock(env.value(model, row, name)), operator, value)
    if operator in COMPARED and not empty(value):
        operator, value = _bound(env.options.version, operator, str(value))
        return lambda row: _is(lambda moment: moment, env.value(model, row, name), operator, value)
    if env.options.version == "19":  # whole seconds are compared
        exact = [None if empty(one) else _moment(str(one), True).replace(microsecond=0) for one in _every(value)]
        kept = exact if isinstance(value, list | tuple) else exact[0]
        return lambda row: _is(
            lambda moment: moment.replace(microsecond=0), env.value(model, row, name), operator, kept
        )
    found = [None if empty(one) else _moment(str(one), False) for one in _every(value)]
    held = found if isinstance(value, list | tuple) else found[0]
    return lambda row: _is(lambda moment: moment, env.value(model, row, name), operator, held)


def _every(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _clock(moment: datetime | None) -> str | None:
    return None if moment is None else moment.strftime(MOMENT)


def _bound(version: str, operator: str, text: str) -> tuple[str, datetime]:
    """A comparison with a time. What is stored has fractions of a second, which nobody is shown.

    Up to 18 they are compared, so that a row is later than the second it shows. 19 compares whole seconds.
    """
    whole_day = len(text) == 10
    value = _moment(text, version == "19")
    if version != "19":
        late = whole_day and operator in (">", "<=")
        return operator, value + timedelta(days=1, seconds=-1) if late else value
    value = value.replace(microsecond=0)
    step = timedelta(days=1) if whole_day else timedelta(seconds=1)
    match operator:
        case ">":
            return ">=", value + step
        case "<=":
            return "<", value + step
        case _:
            return operator, value


def _moment(text: str, strict: bool) -> datetime:
    """A time in a domain. The older versions leave its reading to the database, which takes more forms."""
    shape = r"\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d(\.\d+)?)?)?" if strict else (
        r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")  # fmt: skip
    if not re.fullmatch(shape, text):
        raise broken(f"time data {text!r} does not match format {MOMENT!r}")
    bare = re.sub(r"(Z|(?<=\d\d:\d\d)[+-]\d\d:?\d\d|(?<=\.\d)[+-]\d\d:?\d\d)$", "", text)
    try:
        return datetime.fromisoformat(bare).replace(tzinfo=UTC)
    except ValueError:
        raise broken(f"time data {text!r} does not match format {MOMENT!r}") from None


def _pointing(env: Env, model: str, name: str, field: Field, operator: str, value: Any) -> Test:
    """A many2one is compared by its id, or by its name where it is compared with a text."""
    if operator in ("any", "not any"):
        inner = env.having(field.relation, value, active=False)
        return lambda row: (env.value(model, row, name) in inner) == (operator == "any")
    texts = value if isinstance(value, list | tuple) else [value]
    named = operator in LIKE or NEGATIVE.get(operator) in LIKE or any(isinstance(one, str) for one in texts)
    if named:
        return lambda row: _is(_plain_text, env.name_of(field.relation, env.value(model, row, name)) or None,
                               operator, value)  # fmt: skip
    return lambda row: _is(lambda id: id, env.value(model, row, name), operator, value)


def _in_list(env: Env, model: str, name: str, field: Field, operator: str, value: Any) -> Test:
    if operator in NEGATIVE:
        inner = _in_list(env, model, name, field, NEGATIVE[operator], value)
        return lambda row: not inner(row)
    if operator == "any":
        found = env.having(field.relation, value, active=True)
        return lambda row: bool(found & set(env.value(model, row, name)))
    if operator in COMPARED:
        raise user_error(f"Invalid operator {operator!r} for the list {model}.{name}")
    wanted = value if isinstance(value, list | tuple) else [value]
    if operator in LIKE or any(isinstance(one, str) for one in wanted):
        return lambda row: any(
            _is(_plain_text, env.name_of(field.relation, id), operator, value) for id in env.value(model, row, name)
        )
    bare = any(empty(one) for one in wanted)

    def holds(row: Row) -> bool:
        held = env.value(model, row, name)
        return bool(set(held) & set(wanted)) or (bare and not held)

    return holds


def _along(env: Env, model: str, name: str, field: Field, rest: str, operator: str, value: Any) -> Test:
    """A term about what a field points to, which must be there. Archived rows count at the end of a many2one, not in a
    list."""
    if not field.relation:
        raise broken(f"Invalid field {name + '.' + rest!r} in leaf {(name + '.' + rest, operator, value)!r}")
    found = env.having(field.relation, [(rest, operator, value)], active=field.many)
    if field.many:
        return lambda row: bool(found & set(env.value(model, row, name)))
    return lambda row: env.value(model, row, name) in found
