"""Restarts, kills, freezes, older copies, forged records and hostile clients, for as long as asked.

`python -m tests.disturbances embedded|stack --minutes N --seed S`. Honest clients send commands all
the while and remember every acknowledgement, and one follows the live stream. At the end every
acknowledged command must be in the log exactly once, every event must have been followed exactly
once, and every read model must be row for row what a fresh replay gives.
"""
