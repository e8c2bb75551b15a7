"""Calls that agents make: the tasks are outreach's, which is asked over HTTP; here is who makes which one.

Whether a call is allowed, and now, outreach decides each time an agent takes one. As long as an agent has a call, the
agent may read the customer's conversation and act for the customer, as with a conversation of the agent's own.
"""
