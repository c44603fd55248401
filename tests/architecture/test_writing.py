"""Aggregates are written by the store alone, and rules are given the time and chance they need."""

import re

from tests.architecture.source import Module, calls, modules

# A bare save() of a document with a known id replaces what is there: it once undid a closed task without an error.
WRITES = re.compile(
    r"(?:^|\.)(?:save|cascade_save|modify|replace_one|find_one_and_replace|find_one_and_update)$"
    r"|\.objects(?:\.\w+)*\.(?:update|update_one|upsert_one|delete|insert)$"
)
# Rules are given the moment (infra/clock.py) and chance; identities come from the domain, not from a die.
GLOBALS = re.compile(
    r"(?:^|\.)(?:datetime|date)\.(?:now|utcnow|today)$|^time\.(?:time|time_ns|localtime|gmtime)$"
    r"|^random\.|^secrets\.|^uuid\.uuid[14]$|^uuid[14]$"
)
NO_DOCUMENTS = {"services.tasks.materials.images"}  # its pictures are saved to files
# Not rules: requests and messages get an identity at the edge. Module → the calls that it may make.
ON_PURPOSE = {
    "services.complaints.callbacks.sending": {"uuid.uuid4"},
    "services.complaints.citizen_entrypoints": {"uuid.uuid4"},
    "services.complaints.service": {"uuid.uuid4"},
    "services.notify.outgoing": {"uuid.uuid4"},
}


def test_only_messaging_writes_documents_without_the_store() -> None:
    writes = [
        f"{module.at(call)} {name}"
        for module in modules("services", "gateway", "cli")
        for name, call in calls(module)
        if module.name not in NO_DOCUMENTS and WRITES.search(name)
    ]
    assert writes == []


def test_no_rule_asks_a_global_clock_or_throws_dice() -> None:
    asked = [
        f"{module.at(call)} {name}"
        for module in modules("services")
        for name, call in calls(module)
        if GLOBALS.search(name) and name not in ON_PURPOSE.get(module.name, set())
    ]
    assert asked == []


def test_every_exception_from_that_rule_is_still_used() -> None:
    used = {(module.name, name) for module in modules("services") for name, _ in calls(module)}
    assert [(where, name) for where, names in ON_PURPOSE.items() for name in names if (where, name) not in used] == []


def test_the_rules_see_what_they_must() -> None:
    offending = (
        "Case.objects(id=1).only('x').update(a=1); case.save(); datetime.datetime.now(); random.random(); uuid4()"
    )
    module = Module("m", "m.py", offending, __import__("ast").parse(offending))
    names = [name for name, _ in calls(module)]
    assert sum(bool(WRITES.search(name)) for name in names) == 2
    assert sum(bool(GLOBALS.search(name)) for name in names) == 3
    assert not WRITES.search("answers.update")
