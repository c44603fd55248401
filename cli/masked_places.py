"""The places that are masked in published messages (A市, A3区, 西地省), put back as places of Kunming.

The mapping is a table with a reason for each row, feeds/masked_places.csv. A row with a letter alone stands for that
city and all its districts (B市, B7县). What the publishers did not mask (streets, estates) is left as it is.
"""

import csv
import re
from pathlib import Path
from typing import NamedTuple

MAPPING = Path(__file__).parent / "feeds" / "masked_places.csv"


class MaskedPlace(NamedTuple):
    """`mask` is written `written_as` in the replay and lies at `unit_path` (empty for the province), for `reason`."""

    mask: str
    written_as: str
    unit_path: str
    reason: str


class MaskedPlaces:
    """A mapping, ready to rewrite texts. The same text is always rewritten to the same text."""

    def __init__(self, places: list[MaskedPlace]) -> None:
        self.places = tuple(places)
        self._written = {place.mask: place.written_as for place in places}
        exact = sorted((mask for mask in self._written if len(mask) > 1), key=len, reverse=True)
        cities = "".join(mask for mask in self._written if len(mask) == 1)
        masks = [re.escape(mask) for mask in exact] + ([rf"(?P<city>[{cities}])\d{{0,2}}[市区县]"] if cities else [])
        self._masks = re.compile(rf"(?<![A-Za-z])(?:{'|'.join(masks)})")

    @staticmethod
    def load(path: Path = MAPPING) -> "MaskedPlaces":
        """The mapping in `path`."""
        with path.open(encoding="utf-8", newline="") as file:
            return MaskedPlaces([MaskedPlace(**row) for row in csv.DictReader(file)])

    def rewrite(self, text: str) -> str:
        """`text` with every mask replaced: A市A3区 becomes 昆明市盘龙区."""
        return self._masks.sub(lambda found: self._written[found["city"] or found[0]], text)
