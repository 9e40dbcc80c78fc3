"""Results as figures for paper: SVG, PDF and PNG, the same bytes from the same results.

`names` says which figures a study has and finds the one that a person asks for; `drawing` draws a result; `files`
writes it. Each kind of figure is a module that turns a result into blocks, which `sheet` stacks. matplotlib is imported
when the first figure is drawn.
"""
