"""What people may do and see: one layer that pages, commands and REST share, so that no door has rules of its own.

A function here takes the ``Desk`` it works at and the ``Person`` who asks; it checks the person's right first, does the
act inside one transaction, and returns plain rows. The database refuses once more what must never happen.
"""
