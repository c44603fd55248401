"""The versions of frameworks that rounds use, kept as they were when the first round opened on them."""

from typing import Any, ClassVar

from mongoengine import BinaryField, Document, StringField
from pymongo.client_session import ClientSession

from infra.problem import Refused
from services.assessment.contracts import SERVICE
from services.assessment.framework import Framework, read_framework


class FrameworkVersion(Document):
    """The id is `<name>@<version>`; `tree` is the whole framework as JSON."""

    meta: ClassVar[dict[str, Any]] = {"db_alias": SERVICE, "collection": "framework"}

    id = StringField(primary_key=True)
    tree = BinaryField(required=True)


def keep(framework: Framework, session: ClientSession) -> None:
    """Have this version kept. Raises Refused where it was used before with another content."""
    collection, id = FrameworkVersion._get_collection(), f"{framework.name}@{framework.version}"
    kept = collection.find_one({"_id": id}, session=session)
    if kept is None:
        collection.insert_one({"_id": id, "tree": framework.to_json()}, session=session)
    elif kept["tree"] != framework.to_json():
        raise Refused(
            f"framework {id} is in use with another content; give the changed one a new version",
            f"测评框架 {id} 已被使用且内容不同，修改后请使用新版本号",
            field="framework_version",
        )


def kept_framework(name: str, version: int) -> Framework:
    """The version that a round was opened on."""
    return read_framework(FrameworkVersion._get_collection().find_one({"_id": f"{name}@{version}"})["tree"])
