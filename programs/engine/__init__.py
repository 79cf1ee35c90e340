"""The schedule engine: working time, networks and critical path as plain integers.

Pure functions over parallel sequences: no Django, no database, no clock, standard library only.
Times are *wall minutes* (minutes since 1970-01-01T00:00 on the program's local clock); durations, lags and floats
are working minutes on the calendar that each docstring names.
"""
