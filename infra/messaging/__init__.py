"""Messaging: how facts travel from one service to another. Knows no domain word.

    Writing         event.py            events, their attributes, sealed and unsealed
                    outbox.py           the aggregate, which records events inside its own document
                    store.py            inserts and changes aggregates; store_provider.py gives it to a service
                    relay.py            takes events out of outboxes and publishes them; publisher.py, in batches
    Reading         handler.py          @handles(CaseFiled, …); consumer.py, the loop behind it; delivery.py, a message
                    retry.py            what happens after a failure; dead_letters/, what the operator can do about it
                    sequence_marks.py   what a handler has seen already
                    incoming.py, unread.py, sealing.py, reasons.py   what is no event, and what is said of a failure
    Remembering     event_log.py        every published event in a stream; stream.py, reading one; causes.py, which
                                        belong together
                    rebuild.py          what a handler keeps, made anew from the log
    Asking          rpc_client.py       calls of services from asyncio
    Ground          topology.py         names and declarations of exchanges and queues; broker.py, connections

An event is in its outbox until the broker confirmed it, in a queue until its handler has returned or a confirmed copy
waits elsewhere: at every moment it is somewhere, perhaps twice, and its effect happens once.
"""
