"""Photos: opened to see whether they are whole, written anew from their pixels alone, and made small.

Nothing but pixels and, where there is one, transparency is carried over: no EXIF, GPS, XMP, IPTC, comment, colour
profile, no second picture and nothing that was appended. How the camera was held is applied before it is forgotten.
"""

import warnings
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from services.tasks.materials.kinds import refusal

MOST_PIXELS = 60_000_000
THUMBNAIL = (320, 320)  # pixels
QUALITY, THUMBNAIL_QUALITY = 90, 80
FORMATS = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}
BROKEN = (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, MemoryError)


def clean_image(kind: str, source: Path, target: Path, thumbnail: Path) -> dict[str, int]:
    """Write the photo in `source` anew to `target` and small (JPEG) to `thumbnail`; {"width", "height"} in pixels.

    Raises InvalidInput where it is damaged, cut off, moving, or has more than MOST_PIXELS.
    """
    try:
        upright = _upright(kind, source)
        upright.save(target, FORMATS[kind], **_options(kind))
        small = upright.convert("RGBA") if upright.mode in ("LA", "PA", "P", "RGBA") else upright.convert("RGB")
        small.thumbnail(THUMBNAIL)
        _on_white(small).save(thumbnail, "JPEG", quality=THUMBNAIL_QUALITY, optimize=True)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise refusal("the picture has too many pixels", "图片像素过大") from error
    except BROKEN as error:
        raise refusal("the picture is damaged or cut off", "图片已损坏或不完整") from error
    return {"width": upright.width, "height": upright.height}


def _upright(kind: str, source: Path) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(source, formats=[FORMATS[kind]]) as opened:
            opened.verify()
        with Image.open(source, formats=[FORMATS[kind]]) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise Image.DecompressionBombError
            opened.load()  # the first picture, where there are several
            upright = ImageOps.exif_transpose(opened)
    return _bare(upright, kind)


def _bare(image: Image.Image, kind: str) -> Image.Image:
    """The pixels, without anything else that the file said."""
    modes = {"jpeg": ("L", "RGB"), "png": ("L", "LA", "RGB", "RGBA"), "webp": ("RGB", "RGBA")}[kind]
    if image.mode not in modes:
        clear = "RGBA" if "transparency" in image.info or image.mode in ("LA", "PA", "La", "RGBa") else "RGB"
        image = image.convert(clear if clear in modes else "RGB")
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    return bare


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def _options(kind: str) -> dict[str, int]:
    return {} if kind == "png" else {"quality": QUALITY}
