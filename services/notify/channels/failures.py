"""How a channel fails: for now, or for good.

DeliveryFailure
├── Retryable    trying later may help: the server is away, busy, or full
└── Final        it never will: there is no such mailbox, the message is refused
"""


class DeliveryFailure(Exception):
    """A message was not taken; the text is what the other side said."""


class Retryable(DeliveryFailure):
    """The channel refused for now."""


class Final(DeliveryFailure):
    """The channel refused for good."""
