"""Files as people and others send them: photos that tell where they were taken, documents, things that are none."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject, TextStringObject

GPS, ORIENTATION, MAKE, SHARPNESS = 0x8825, 0x0112, 0x010F, 0xA40A
CAMERA = "秘密相机 SN-4711"
EXE = b"MZ\x90\x00" + bytes(200)


def photo(size: tuple[int, int] = (640, 480), *, orientation: int = 1, format: str = "JPEG") -> bytes:
    """A photo whose left half is red, with camera, place and comment."""
    image = Image.new("RGB", size, "blue")
    image.paste((255, 0, 0), (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[MAKE], exif[ORIENTATION] = "SECRETCAM", orientation
    exif.get_ifd(GPS).update({1: "N", 2: (25.0, 2.0, 11.0), 3: "E", 4: (102.0, 42.0, 31.0)})
    kept = io.BytesIO()
    more: dict[str, object] = {"exif": exif}
    if format == "PNG":
        info = PngInfo()
        info.add_text("Author", "SECRETCAM")
        more["pnginfo"] = info
    else:
        more["xmp"] = b"<x:xmpmeta>SECRETCAM</x:xmpmeta>"
        more |= {"comment": b"SECRETCAM"} if format == "JPEG" else {}
    image.save(kept, format, **more)
    return kept.getvalue()


def bomb(side: int) -> bytes:
    """A tiny PNG that says it has side × side pixels, and has."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(100_000), 9)) + chunk(b"IEND", b"")


def pdf(*, script: bool = False, attachment: bool = False, password: str = "") -> bytes:
    """A page whose author is told in two places."""
    writer = PdfWriter()
    page = writer.add_blank_page(200, 200)
    writer.add_metadata({"/Author": "SECRETCAM", "/Producer": "SECRETCAM"})
    xmp = DecodedStreamObject()
    xmp.set_data(b"<x:xmpmeta>SECRETCAM</x:xmpmeta>")
    page[NameObject("/Metadata")] = writer._add_object(xmp)
    if script:
        action = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
        page[NameObject("/Annots")] = ArrayObject([DictionaryObject({NameObject("/A"): DictionaryObject(action)})])
    if attachment:
        writer.add_attachment("a.exe", EXE)
    if password:
        writer.encrypt(password)
    kept = io.BytesIO()
    writer.write(kept)
    return kept.getvalue()


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"


def docx(more: Mapping[str, bytes] | None = None, *, main: str = WORD) -> bytes:
    """A document whose author is told, with a photo in it that tells where it was taken."""
    parts = {
        "[Content_Types].xml": f'<Types><Override PartName="/word/a.xml" ContentType="{main}"/></Types>'.encode(),
        "word/document.xml": "<w:document>五华区整改报告</w:document>".encode(),
        "word/media/image1.jpeg": photo(),
        "docProps/core.xml": b"<cp:coreProperties><dc:creator>SECRETCAM</dc:creator></cp:coreProperties>",
        "docProps/app.xml": b"<Properties><Company>SECRETCAM</Company></Properties>",
    }
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (parts | dict(more or {})).items():
            archive.writestr(name, content)
    return kept.getvalue()


def box(kind: bytes, *content: bytes) -> bytes:
    """A box of a video."""
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def video(*, handler: bytes = b"vide") -> bytes:
    """A video, as far as its boxes go, that tells when, where and with what it was taken."""
    told = box(b"udta", box(b"\xa9xyz", b"\x00\x12\x15\xc7+25.0361+102.7086/ SECRETCAM"))
    times = b"\x00\x00\x00\x00" + struct.pack(">II", 3_800_000_000, 3_800_000_001) + bytes(88)
    track = box(b"trak", box(b"tkhd", times), box(b"mdia", box(b"hdlr", bytes(8), handler, bytes(13))), told)
    tags = box(b"meta", b"SECRETCAM")
    moov = box(b"moov", box(b"mvhd", times), track, told, tags)
    return box(b"ftyp", b"isom", bytes(4), b"isom") + moov + box(b"mdat", bytes(range(256)))
