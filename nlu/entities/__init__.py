"""What a message names, with values: amount, date, term, card, reason, one-time code, reference.

Each module has a pure `find(text, language, today)` over folded text (`nlu.folding`); `extraction` calls them all and
settles overlaps; `extractor` is the component of Rasa's graph. A value that a sentence leaves open ("in a few days",
"three or four thousand") is not found at all, so the dialogue asks for it. Same imports as `nlu`.
"""
