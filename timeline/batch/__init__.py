"""Many queries over one store: read once what they share, run beside each other, each with its outputs.

A plan is a TOML file. Every run sees the log at one position. A run that fails is reported and stops no other. What is
done is noted in `.batch.json` beside the outputs, so that the next call of the same plan runs only what is missing or
has changed: a run is done while its query, its parameters, its outputs and the position of the log are the same.
"""
