"""A study's results as one HTML file that needs no network: `timeline run … --report out.html`.

`redact` hides what must not be shown, before anything else sees the results; `analyses` makes of each result its
figures, tables and sentences; `page` lays them out.
"""
