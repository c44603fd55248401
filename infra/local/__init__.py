"""Everything that one machine needs to run Wenming by itself, private to one directory.

trouble.py      what can go wrong here, as errors
waiting.py      waiting on a condition, with a deadline
ports.py        which ports an instance uses
process.py      one detached process: start, recognise, stop
broker.py       a private RabbitMQ node (and the epmd it needs)
database.py     a private MongoDB replica set of one
cluster.py      three of each, to see what the loss of a leader does
secret_file.py  generated secrets
programs.py     the product's own processes, as data
memory.py       what is remembered between commands: ports, the simulated clock
premises.py     where an instance lives and how it is reached
instance.py     up and down
status.py       what runs, and how deep the queues are
smtp_sink.py    catches mail as files
setup.sh        installs what is missing (`make setup`)
"""
