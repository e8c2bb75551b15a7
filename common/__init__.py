"""What every room may use: settings, the clock, logging, identity tokens. Imports no room."""
