"""When people answer, for the desk: the rules are `common.service_hours`, which the actions use too."""

from common.service_hours import is_open, is_working_day, next_opening

__all__ = ["is_open", "is_working_day", "next_opening"]
