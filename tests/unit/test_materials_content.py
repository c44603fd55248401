"""What is taken as material: told by its content, opened, and written anew without what it tells about itself."""

import io
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from infra.problem import InvalidInput, Problem, TooLarge
from services.tasks.materials import office, receiving
from services.tasks.materials.cleaning import clean
from services.tasks.materials.images import MOST_PIXELS
from services.tasks.materials.kinds import Kind, check_size, kind_of, kinds
from services.tasks.materials.workshop import Workshop
from tests.unit.material_files import EXE, MACROS, bomb, docx, pdf, photo, video

SECRET = b"SECRETCAM"


def told(content: bytes) -> str:
    """The kind that the content is."""
    return kind_of(io.BytesIO(content)).name


class Bench:
    """Cleans in this process, in a directory of its own."""

    def __init__(self, directory: Path) -> None:
        self.source, self.target, self.small = (directory / name for name in ("source", "target", "small"))

    def clean(self, content: bytes) -> dict[str, int]:
        self.source.write_bytes(content)
        return clean(told(content), self.source, self.target, self.small)

    def refuses(self, content: bytes) -> str:
        with pytest.raises(InvalidInput) as caught:
            self.clean(content)
        assert caught.value.field == "file"
        return caught.value.detail


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_the_content_tells_the_kind() -> None:
    files = [photo(), photo(format="PNG"), photo(format="WEBP"), pdf(), docx(), video()]
    assert [told(one) for one in files] == ["jpeg", "png", "webp", "pdf", "docx", "mp4"]


@pytest.mark.parametrize(
    "content",
    [
        EXE,
        b"",
        b"\xff\xd8",
        b"<html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a" + bytes(50),
        b"PK\x03\x04" + bytes(50),
        b"\n%PDF-1.7",
        b"\x00\x00\x00\x18ftypqt  ",
        docx(main=MACROS),
        docx(main="text/plain"),
    ],
    ids=["exe", "empty", "two bytes", "html", "svg", "gif", "no zip", "pdf later on", "mov", "docm", "some zip"],
)
def test_what_is_of_no_kind_that_is_taken_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        kind_of(io.BytesIO(content))
    assert "jpeg、png、webp、pdf、docx、xlsx、pptx、mp4" in caught.value.detail_zh


@given(st.binary(max_size=200), st.sampled_from([b"", b"PK\x03\x04", b"%PDF-1.4\n", b"\xff\xd8\xff\xe0", b"RIFF"]))
def test_no_bytes_do_anything_but_name_a_kind_or_be_refused(content: bytes, head: bytes) -> None:
    with suppress(InvalidInput):
        assert told(head + content) in kinds()


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_a_photo_keeps_its_pixels_and_nothing_that_it_said(bench: Bench, format: str) -> None:
    content = photo(format=format)
    assert SECRET in content
    assert dict(Image.open(io.BytesIO(content)).getexif().get_ifd(0x8825)) != {}
    assert bench.clean(content) == {"width": 640, "height": 480}
    kept = Image.open(bench.target)
    assert (kept.format, kept.size) == (format, (640, 480))
    assert (dict(kept.getexif()), SECRET in bench.target.read_bytes(), kept.info.get("xmp")) == ({}, False, None)
    red, _, blue = kept.convert("RGB").getpixel((10, 10))
    assert red > 240
    assert blue < 15


def test_how_the_camera_was_held_is_applied_before_it_is_forgotten(bench: Bench) -> None:
    assert bench.clean(photo(orientation=6)) == {"width": 480, "height": 640}
    kept = Image.open(bench.target).convert("RGB")
    assert kept.getpixel((240, 10))[0] > 240  # what was left is on top
    small = Image.open(bench.small)
    assert (small.format, small.size, dict(small.getexif())) == ("JPEG", (240, 320), {})


def test_a_transparent_picture_has_a_thumbnail_on_white(bench: Bench) -> None:
    made = io.BytesIO()
    Image.new("RGBA", (1000, 500), (0, 0, 0, 0)).save(made, "PNG")
    bench.clean(made.getvalue())
    small = Image.open(bench.small)
    assert (small.size, small.getpixel((5, 5))) == ((320, 160), (255, 255, 255))
    assert Image.open(bench.target).mode == "RGBA"


def test_what_was_appended_to_a_photo_is_gone(bench: Bench) -> None:
    bench.clean(photo() + docx() + b"<script>alert(1)</script>")
    kept = bench.target.read_bytes()
    assert (b"PK\x03\x04" in kept, b"<script>" in kept) == (False, False)


def test_a_photo_that_is_cut_off_is_refused(bench: Bench) -> None:
    whole = photo(format="JPEG")
    assert "damaged or cut off" in bench.refuses(whole[: len(whole) // 2])
    assert "damaged or cut off" in bench.refuses(b"\xff\xd8\xff\xe0" + EXE)


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_unpacked(bench: Bench) -> None:
    assert bench.refuses(bomb(30_000)).startswith("the picture has too many pixels")
    assert MOST_PIXELS < 30_000**2
    assert not bench.target.exists()


def test_a_pdf_keeps_its_pages_and_no_author(bench: Bench) -> None:
    content = pdf()
    assert SECRET in content
    assert bench.clean(content + b"<script>") == {"pages": 1}
    kept = bench.target.read_bytes()
    assert (SECRET in kept, b"<script>" in kept) == (False, False)
    reader = PdfReader(bench.target)
    assert (len(reader.pages), reader.metadata or {}, reader.pages[0].get("/Metadata")) == (1, {}, None)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (pdf(script=True), "scripts, programs or other files"),
        (pdf(attachment=True), "scripts, programs or other files"),
        (pdf(password="x"), "enciphered"),
        (pdf()[:60], "damaged"),
        (b"%PDF-1.7\n" + bytes(1000), "damaged"),
    ],
    ids=["script", "attachment", "enciphered", "cut off", "none at all"],
)
def test_a_pdf_that_acts_or_cannot_be_read_is_refused(bench: Bench, content: bytes, why: str) -> None:
    assert why in bench.refuses(content)


def test_an_office_file_keeps_its_text_and_no_author(bench: Bench) -> None:
    content = docx({"docProps/custom.xml": SECRET})
    assert bench.clean(b"" + content) == {"parts": 6}
    with zipfile.ZipFile(bench.target) as kept:
        everything = b"".join(kept.read(name) for name in kept.namelist())
        assert "五华区整改报告".encode() in everything
        assert SECRET not in everything
        assert {one.date_time for one in kept.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert Image.open(io.BytesIO(kept.read("word/media/image1.jpeg"))).size == (640, 480)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (docx({"word/vbaProject.bin": b"x"}), "macros"),
        (docx({"word/activeX/activeX1.bin": b"x"}), "macros"),
        (docx({"word/embeddings/setup.EXE": EXE}), "macros"),
        (docx({"../evil": b"x"}), "doubtful names"),
        (docx({"word/DOCUMENT.xml": b"x"}), "doubtful names"),
        (docx({f"word/{n}.bin": b"" for n in range(5_000)}), "too large when unpacked"),
        (docx()[:-30], "of no kind"),
    ],
    ids=["macros", "activeX", "exe", "leads out", "twice", "many parts", "cut off"],
)
def test_an_office_file_that_holds_programs_or_is_a_bomb_is_refused(bench: Bench, content: bytes, why: str) -> None:
    assert why in bench.refuses(content)


def test_an_office_file_that_grows_without_measure_is_refused(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "MOST_UNPACKED", 1_000_000)
    assert "too large when unpacked" in bench.refuses(docx({"word/zeros.bin": bytes(1_000_000)}))
    assert not bench.target.exists() or bench.target.stat().st_size < 100


def test_a_video_keeps_its_length_and_tells_neither_place_nor_time(bench: Bench) -> None:
    content = video()
    bench.clean(content)
    kept = bench.target.read_bytes()
    assert (len(kept), SECRET in kept, b"+25.0361" in kept) == (len(content), False, False)
    assert (b"udta" in kept, b"meta" in kept, kept.count(b"free")) == (False, False, 3)
    assert (3_800_000_000).to_bytes(4, "big") not in kept
    assert kept.endswith(bytes(range(256)))


def test_a_video_that_is_cut_off_or_has_a_track_of_places_is_refused(bench: Bench) -> None:
    assert "cut off" in bench.refuses(video()[:-1])
    assert "neither sound nor picture" in bench.refuses(video(handler=b"camm"))


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_cleaned_or_refused_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(data.draw(st.sampled_from([pdf(), video(), docx(), photo((32, 24))])))
    for at in data.draw(st.lists(st.integers(16, len(content) - 1), min_size=1, max_size=8)):
        content[at] = data.draw(st.integers(0, 255))
    bench = Bench(tmp_path_factory.mktemp("damaged"))
    with suppress(InvalidInput):
        bench.clean(bytes(content))


def test_each_kind_has_a_limit_of_its_own() -> None:
    most = {name: kind.most_bytes // 1024**2 for name, kind in kinds().items()}
    assert most == {"jpeg": 20, "png": 20, "webp": 20, "pdf": 30, "docx": 30, "xlsx": 30, "pptx": 50, "mp4": 100}
    small = Kind("jpeg", "image/jpeg", ("jpg",), 1024**2)
    check_size(small, 1024**2)
    with pytest.raises(TooLarge) as caught:
        check_size(small, 1024**2 + 1)
    assert caught.value.detail_zh == "jpeg文件不得超过1MB"


def test_what_comes_is_written_piece_by_piece_and_must_be_as_long_as_announced(tmp_path: Path) -> None:
    content = photo()
    pieces = [content[at : at + 1000] for at in range(0, len(content), 1000)]
    given = receiving.receive(pieces, len(content), tmp_path / "given")
    assert (given.path.read_bytes(), given.kind.name) == (content, "jpeg")
    assert given.sha256 == receiving.sha256_of(given.path)
    for announced in (len(content) - 1, len(content) + 1):
        with pytest.raises(InvalidInput) as caught:
            receiving.receive(pieces, announced, tmp_path / "given")
        assert caught.value.field == "size"


def test_a_process_of_its_own_cleans_and_says_what_is_wrong(tmp_path: Path) -> None:
    workshop, source = Workshop(), tmp_path / "given"
    source.write_bytes(photo())
    cleaned = workshop.clean(kinds()["jpeg"], source)
    assert (cleaned.facts, SECRET in cleaned.path.read_bytes()) == ({"width": 640, "height": 480}, False)
    assert cleaned.thumbnail is not None
    source.write_bytes(EXE)
    with pytest.raises(Problem) as caught:
        workshop.clean(kinds()["pdf"], source)
    assert "damaged or cut off" in caught.value.detail
