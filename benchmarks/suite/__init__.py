"""The benchmark suite: workloads W1 to W8 on this program and on what a user would pick instead.

`python -m benchmarks.suite` runs it; `data` makes what the systems read, each module of `systems` is one system,
`child` runs one workload of one system in a process of its own, `compare` holds the results against each other before
any time counts, and `page` writes `docs/benchmarks.md` from the results kept as JSON.
"""
