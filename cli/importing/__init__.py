"""Work orders from tables (.xlsx, .csv), as the hotlines' people have them: read, pushed, and accounted for row by row.

form.py        the fields of the channel, as its intake tells them
table.py       a file as rows of fields: header row, encoding, kind of file (spreadsheet.py, delimited.py)
cells.py       what stands in a cell, as the text that the channel's parser reads
journal.py     how far an import is, so that it goes on where it was interrupted
refusals.py    the rows that were not taken, with reasons, as a table that can be corrected and imported again
delivery.py    rows in batches to the intake
"""
