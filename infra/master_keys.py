"""The master keys among the secrets of an instance, how they are named, and what follows from them.

master_key                  wraps the keys of reports
master_key.<fingerprint>    earlier ones, and ones to come: only open
person_key                  under which people are told apart; it outlives the master keys
"""

import hashlib
from collections.abc import Mapping

MASTER_KEY, PERSON_KEY = "master_key", "person_key"
OTHER_MASTER = MASTER_KEY + "."


def master_key(master_secret: str) -> bytes:
    """The 32 bytes that wrap, from the secret text."""
    return hashlib.sha256(b"wenming master key\0" + master_secret.encode()).digest()


def fingerprint(master_secret: str) -> str:
    """The name under which a master secret is known: tells nothing about it."""
    return hashlib.sha256(master_key(master_secret)).hexdigest()[:16]


def person_secret(known: Mapping[str, str]) -> str:
    """`person_key` of the secrets `known`; where there is none, one that follows from the master key."""
    derived = hashlib.sha256(b"wenming person key\0" + known[MASTER_KEY].encode()).hexdigest()
    return known.get(PERSON_KEY) or derived
