"""`timeline explain`: a definition in plain English, or what it made of one patient and why."""

from __future__ import annotations

import argparse
from pathlib import Path

from timeline.commands.base import Command, console, load_query, open_log
from timeline.errors import QueryError


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", type=Path, metavar="QUERY", help="a query file")
    parser.add_argument("name", nargs="?", metavar="NAME", help="a cohort, an endpoint or a let (default: everything)")
    parser.add_argument("--store", type=Path, metavar="STORE", help="with --patient: where the patient's events are")
    parser.add_argument("--patient", metavar="ID", help="explain what the definition made of one patient")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="give a parameter its value")


def _run(options: argparse.Namespace) -> int:
    if (options.patient is None) != (options.store is None):
        given, lacking = ("--store", "--patient") if options.patient is None else ("--patient", "--store")
        raise QueryError(
            f"error: {given} was given without {lacking}.",
            hint="Write --store STORE --patient ID, or neither for the definition in plain English.",
        )
    if options.patient is not None and options.name is None:
        raise QueryError("error: a patient is explained for one definition.", hint="Write QUERY NAME --patient ID.")
    if options.patient is None:
        return _definition(options)
    return _patient(options)


def _definition(options: argparse.Namespace) -> int:
    from timeline.commands.names import require_definition
    from timeline.report.explanation import print_study_words, print_words

    study = load_query(options.query, options.set).program
    if options.name is None:
        print_study_words(study, console())
    else:
        require_definition(study, options.name, str(options.query))
        print_words(study, options.name, console())
    return 0


def _patient(options: argparse.Namespace) -> int:
    from timeline.commands.names import require_definition
    from timeline.report.explanation import print_trace
    from timeline.study.tracing import trace

    log = open_log(options.store)
    study = load_query(options.query, options.set, log).program
    require_definition(study, options.name, str(options.query))
    print_trace(trace(study, options.name, log, options.patient), console())
    return 0


COMMAND = Command(
    "explain",
    "Say a definition in plain English, or why it made of a patient what it did",
    "Without a patient: the definition, and what it rests on, as a protocol would state it. With one: each selection "
    "with the event it found, each condition as true, false or unknown, each window in dates, and the endpoint's "
    "origin, end and reason.",
    "  timeline explain queries/m1.tql rfs\n"
    "  timeline create trial\n  timeline import trial fixtures/m1/events.csv\n"
    "  timeline explain queries/m1.tql rfs --store trial --patient M1-SYN-001",
    _arguments,
    _run,
)
