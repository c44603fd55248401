"""Callbacks: the hotlines that want it are told, signed, what becomes of their work orders.

news.py      which event is news to a hotline          telling.py   events → callbacks, each exactly once
line.py      the callbacks of one report, in order     body.py      what is said, read when it is sent
retry.py     when to try again                         wire.py      one HTTP request
sending.py   claim, send, write down                   lanes.py     one lane per hotline, beside the service
register.py  what the operator sees and sends again    address.py   where a hotline is called
"""
