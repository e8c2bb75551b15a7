"""The case before an agent: what is known of it, what could be done, and what the agent does for the customer.

Figures are the bank's, by its API, and only of the customer whom the bank signed in; nothing is computed here.
"""
