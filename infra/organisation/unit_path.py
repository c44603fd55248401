"""Paths of units: the one coordinate system of the house (DOMAIN.md §1).

Territory: `5301` city, `5301/530102` district or zone, `5301/530102/530102001` street,
`5301/530102/530102001/530102001001` community. Departments hang below the body they belong to, marked by a
tilde: `5301/~psb` 市公安局, `5301/530102/~psb` its district bureau; the headquarters' office is `5301/~office`.
"Is this inside my unit?" is a prefix test on whole segments.
"""

import re

SEPARATOR = "/"
DEPARTMENT_MARK = "~"
OFFICE = "~office"
_SEGMENT = re.compile(r"(?:\d{4}|\d{6}|\d{9}|\d{12}|~[a-z0-9_]+)\Z")


def is_path(text: str) -> bool:
    """Whether `text` has the form of a unit path (it need not exist in a registry)."""
    return all(_SEGMENT.match(part) for part in text.split(SEPARATOR))


def contains(unit: str, path: str) -> bool:
    """Whether `path` is `unit` itself or lies inside it."""
    return path == unit or path.startswith(unit + SEPARATOR)


def parent(path: str) -> str | None:
    """The path one level up, None for a city."""
    head, separator, _ = path.rpartition(SEPARATOR)
    return head if separator else None


def ancestors(path: str) -> list[str]:
    """Every unit that contains `path`, from the city down to `path` itself."""
    parts = path.split(SEPARATOR)
    return [SEPARATOR.join(parts[: n + 1]) for n in range(len(parts))]


def office_of(path: str) -> str:
    """The path of the headquarters' office of the city that `path` lies in."""
    return f"{ancestors(path)[0]}{SEPARATOR}{OFFICE}"


def is_department(path: str) -> bool:
    """Whether the last segment names a department rather than a territory."""
    return path.rpartition(SEPARATOR)[2].startswith(DEPARTMENT_MARK)


def tier(path: str) -> int:
    """1 city, 2 district or zone, 3 street, 4 community; a department has the tier of the body it belongs to."""
    levels = len(path.split(SEPARATOR))
    return levels - 1 if is_department(path) else levels


def cut_to_tier(path: str, level: int) -> str:
    """`path` cut to at most `level` segments: the street of a community, the district of a street."""
    return SEPARATOR.join(path.split(SEPARATOR)[:level])


def prefix_range(unit: str) -> tuple[str, str]:
    """Bounds `(low, high)` for an index: a path p lies strictly below `unit` exactly when low <= p < high."""
    return unit + SEPARATOR, unit + chr(ord(SEPARATOR) + 1)
