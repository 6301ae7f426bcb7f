"""Every operator decision, one function each, used by the dashboard, the command line and the clock alike.

A decision is one transaction: the event, its update, the audit entry, the deadlines and one delivery per subscriber are
all written, or nothing is. Nothing is sent here; the courier sends what it finds queued.
"""
