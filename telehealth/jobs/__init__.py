"""Time passes: the ticks, and the process that runs them.

Nothing is scheduled inside a web process: each of its workers would do the same again.
"""

COMMANDS = {"jobs": "telehealth.jobs.runner:run"}
