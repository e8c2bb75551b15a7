"""The conformance kit: holds any implementation of `bank/openapi.yml` against the contract, over HTTP alone.

`python -m bank.conformance`, or `make conformance`. It knows nothing of the sandbox; what it may import is the
contract, the HTTP session of the client, and the clock. Each check is one small function in `checks/`, registered with
its name, its sentence and the rule of the contract that it holds the bank against.
"""
