"""Where the bytes of materials lie: one interface, kept by MongoDB's GridFS; another store needs these four methods."""

from collections.abc import Iterator
from typing import IO, Any, Protocol

from bson import ObjectId
from gridfs import GridFSBucket
from gridfs.errors import NoFile
from pymongo.database import Database
from pymongo.write_concern import WriteConcern

from infra import mongo
from infra.problem import NotFound

BUCKET = "material_bytes"
PIECE = 255 * 1024  # bytes of a chunk


class MaterialStore(Protocol):
    """Bytes under keys. A key is used once and never again; what lies under it does not change."""

    def put(self, key: str, content: IO[bytes]) -> None:
        """Keep what `content` reads, piece by piece."""

    def open(self, key: str) -> IO[bytes]:
        """A file to read and seek in. Raises NotFound."""

    def remove(self, key: str) -> None:
        """Forget what lies there, whole or in part; nothing where nothing lies."""

    def exists(self, key: str) -> bool:
        """Whether a whole file lies there."""


class GridShelf:
    """The store in the service's own database."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        durable: WriteConcern = mongo.DURABLE
        self._bucket = GridFSBucket(database, BUCKET, chunk_size_bytes=PIECE, write_concern=durable)

    def put(self, key: str, content: IO[bytes]) -> None:
        """See MaterialStore."""
        self._bucket.upload_from_stream_with_id(ObjectId(key), "", content)

    def open(self, key: str) -> IO[bytes]:
        """See MaterialStore."""
        try:
            return self._bucket.open_download_stream(ObjectId(key))
        except NoFile as error:
            raise NotFound("the bytes of this material are gone", "材料内容不存在") from error

    def remove(self, key: str) -> None:
        """See MaterialStore."""
        try:
            self._bucket.delete(ObjectId(key))
        except NoFile:  # chunks without their document are removed all the same
            return

    def exists(self, key: str) -> bool:
        """See MaterialStore."""
        return next(iter(self._bucket.find({"_id": ObjectId(key)}, limit=1)), None) is not None


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """What the file holds, from where it stands."""
    while piece := file.read(PIECE):
        yield piece
