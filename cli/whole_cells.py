"""A table on a screen or in a pipe that breaks long cells into lines instead of cutting them off."""

from rich.table import Column, Table


def whole_cells(*headers: str) -> Table:
    """An empty table with these headers."""
    return Table(*(Column(header, overflow="fold") for header in headers))
