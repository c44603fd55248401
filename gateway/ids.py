"""Ids as clients write them: Relay's global id, or the domain's own id where the field says what it is of."""

from graphql_relay import from_global_id

from infra.problem import InvalidInput


def local_id(noun: str, given: str) -> str:
    """The domain's id in `given`: either that id itself or the global id of a `noun` (a GraphQL type's name).

    Raises InvalidInput for the global id of something else, or for an empty one.
    """
    kind, found = split(given)
    if kind == noun and found:
        return found
    if kind is not None or not given.strip():
        raise InvalidInput(f"not the id of a {noun}: {given!r}", f"不是有效的编号：{given}", field="id")
    return given


def split(given: str) -> tuple[str | None, str]:
    """`(type, id)` of a global id, `(None, given)` where it is none."""
    try:
        kind, found = from_global_id(given)
    except (UnicodeDecodeError, ValueError):
        return None, given
    return (kind, found) if kind.isidentifier() and kind[:1].isupper() else (None, given)
