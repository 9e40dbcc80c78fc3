"""Writes what a study defines as files for other programs: cohorts, endpoints, Table 1, the events.

`selection` says what a name stands for, `cohorts`, `endpoints` and `events` say which rows and columns that is,
`writers` stream them into a format, `files` makes them appear whole or not at all, and `checking` compares a file with
its store. Nothing is imported here.
"""
