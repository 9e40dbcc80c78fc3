"""The prompt: a session with a person, or with a script at the other end of a pipe.

`entry` says when what was typed is complete, `complete` what could come next, `highlight` how it looks; `shell` runs an
entry, `commands` has the dot commands, `loop` the terminal. Nothing is imported here.
"""
