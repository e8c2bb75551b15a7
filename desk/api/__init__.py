"""The desk's HTTP API: for the console under /api, for the chat's channel under /internal."""
