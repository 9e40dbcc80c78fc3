"""Runs checked studies on a store and gives their results as frozen values; runs the tests in files, and traces.

Nothing is imported here: what needs no statistics must not wait for them.
"""
