"""PDF: read to see whether it is whole and does nothing, written anew without its properties.

Taken away: the document information, and XMP of document, pages and pictures. Not taken away: what pictures inside the
pages say about themselves (EXIF). A signature in the file is no longer valid afterwards.
"""

from pathlib import Path
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NullObject

from services.tasks.materials.kinds import refusal

ACTIONS = ("/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToE", "/Rendition")
CARRIERS = ("/EmbeddedFiles", "/JS", "/JavaScript", "/EmbeddedFile", "/RichMedia")
FORGOTTEN = frozenset({"/Metadata", "/PieceInfo", "/LastModified"})
MOST_OBJECTS = 200_000
BROKEN = (PyPdfError, OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, MemoryError)


def clean_pdf(source: Path, target: Path) -> dict[str, int]:
    """Write the PDF in `source` anew to `target`; {"pages"}. Raises InvalidInput where it is damaged, enciphered, or
    contains scripts, programs to start, or other files."""
    try:
        reader = PdfReader(source, strict=False)
        if reader.is_encrypted:
            raise refusal("the PDF is enciphered and cannot be checked", "PDF已加密，无法检查")
        writer = PdfWriter()
        writer.clone_document_from_reader(reader)
        pages = len(writer.pages)
        _forget(writer)
        with target.open("wb") as file:
            writer.write(file)
    except BROKEN as error:
        raise refusal("the PDF is damaged or cut off", "PDF已损坏或不完整") from error
    if not pages:
        raise refusal("the PDF has no page", "PDF没有页面")
    return {"pages": pages}


def _forget(writer: PdfWriter) -> None:
    """Remove what tells of author and history; refuse what would act."""
    objects: list[Any] = writer._objects
    if len(objects) > MOST_OBJECTS:
        raise refusal("the PDF has too many parts", "PDF结构过于复杂")
    writer.metadata = None
    for one in list(objects):
        _walk(one, objects)


def _walk(top: Any, objects: list[Any]) -> None:
    todo = [top]
    while todo:
        one = todo.pop()
        if isinstance(one, DictionaryObject):
            if one.get("/S") in ACTIONS or any(name in one for name in CARRIERS) or one.get("/Type") in CARRIERS:
                raise refusal("the PDF contains scripts, programs or other files", "PDF含有脚本、程序或附件")
            for name in FORGOTTEN.intersection(one):
                _erase(dict.pop(one, name), objects)
            todo += [value for value in dict.values(one) if not isinstance(value, IndirectObject)]
        elif isinstance(one, ArrayObject):
            todo += [value for value in list.__iter__(one) if not isinstance(value, IndirectObject)]


def _erase(forgotten: Any, objects: list[Any]) -> None:
    """What stood under a name that is gone; where that only pointed to it, there as well."""
    if isinstance(forgotten, IndirectObject) and 0 < forgotten.idnum <= len(objects):
        objects[forgotten.idnum - 1] = NullObject()
