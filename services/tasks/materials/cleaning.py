"""The process in which a file is opened: `python -m services.tasks.materials.cleaning KIND SOURCE TARGET THUMBNAIL`.

What strangers send is opened nowhere else: this process has little memory, little time and nothing to lose. It prints
what it found as JSON (`{"facts": {…}}`, or `{"problem": {…}}`) and ends with 0; whatever else happens refuses the file.
"""

import resource
import sys
from pathlib import Path

import msgspec

from infra.problem import Problem
from services.tasks.materials.images import clean_image
from services.tasks.materials.mp4 import clean_mp4
from services.tasks.materials.office import clean_office
from services.tasks.materials.pdf import clean_pdf

MEMORY = 1024 * 1024 * 1024  # bytes of address space
SECONDS = 60  # of the processor
LARGEST = 400 * 1024 * 1024  # bytes of any file that it writes


def clean(kind: str, source: Path, target: Path, thumbnail: Path) -> dict[str, int]:
    """Write the file of that kind anew without what it tells about itself; what is known of it. Raises InvalidInput."""
    match kind:
        case "pdf":
            return clean_pdf(source, target)
        case "mp4":
            return clean_mp4(source, target)
        case "docx" | "xlsx" | "pptx":
            return clean_office(source, target)
    return clean_image(kind, source, target, thumbnail)


def main(arguments: list[str]) -> int:
    """The process; its exit code."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST, LARGEST))
    kind, source, target, thumbnail = arguments
    try:
        answer = {"facts": clean(kind, Path(source), Path(target), Path(thumbnail))}
    except Problem as problem:
        answer = {"problem": problem.as_json()}
    sys.stdout.buffer.write(msgspec.json.encode(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
