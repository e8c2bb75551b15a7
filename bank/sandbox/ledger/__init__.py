"""What is owed on a card, computed from what happened on it and from the issuer's policy.

Pure functions over immutable records: no clock, no database, no state. Money is `Decimal` yuan, exact until it is
charged and then rounded once, half up to the cent; nothing passes through a float.
"""
