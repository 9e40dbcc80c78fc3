"""The library in Python: a store, the studies on it, and their results as tables, figures and frames.

`store` and `study` are what a person holds; `rows` gives what a definition says of each patient, `answers` what an
analysis found, `display` both in a notebook, and `magic` the cells in the language. Nothing is imported here.
"""
