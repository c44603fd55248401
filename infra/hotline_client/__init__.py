"""A client for systems that publish work orders to the city's broker. Copy `client.py`: it needs pika and nothing else.

`python -m infra.hotline_client URL CHANNEL < items.ndjson` is an example of its use (`__main__.py`).
"""
