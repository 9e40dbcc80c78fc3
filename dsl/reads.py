"""What a study reads: attributes of event types, besides the columns that every event has; the event in question."""

from dsl import ir, program


def attributes_read(study: program.Program) -> dict[str, set[str]]:
    """By event type that the study reads: the names of its attributes that anything in the study reads."""
    found: dict[str, set[str]] = {}
    selections = {item.name: item.event for item in study.definitions if isinstance(item, program.LetEvent)}

    def note(stream: ir.Stream | None, name: str) -> None:
        for event in event_types(stream):
            if name not in ("start", "end"):
                found[event].add(name)

    def visit(node: ir.Node, row: ir.Stream | None) -> None:
        match node:
            case ir.Events(event):
                found.setdefault(event.name, set())
            case ir.Filter(stream, condition):
                visit(stream, row)
                visit(condition, stream)
                return
            case ir.Quantified(stream=stream, have=have):
                visit(stream, row)
                if have is not None:
                    visit(have, stream)
                return
            case ir.Aggregate(stream=stream, value=value):
                visit(stream, row)
                if value is not None:
                    visit(value, stream)
                return
            case ir.Own(name=name):
                note(row, name)
            case ir.Attribute(event=event, name=name):
                visit(event, row)
                selected: ir.EventValue = event
                while isinstance(selected, ir.EventRef):
                    selected = selections[selected.name]
                note(selected.stream, name)
                return
        for child in node.children():
            visit(child, row)

    for child in study.children():
        visit(child, None)
    for analysis in study.analyses:
        if isinstance(analysis, program.Swimmer):
            for lane in analysis.lanes:
                found.setdefault(lane.name, set())
    return found


def reads_row(node: ir.Node) -> bool:
    """Whether a value depends on the event in question; what a selection inside it asks of its own events does not."""
    if isinstance(node, ir.Own):
        return True
    inner = not isinstance(node, ir.Select | ir.Quantified | ir.Aggregate)
    return inner and any(reads_row(child) for child in node.children())


def event_types(stream: ir.Stream | None) -> list[str]:
    """The names of the event types whose rows a stream gives."""
    match stream:
        case None | ir.Courses():
            return []
        case ir.Events(event):
            return [event.name]
        case ir.Filter(inner):
            return event_types(inner)
        case ir.Union(streams):
            return [name for branch in streams for name in event_types(branch)]
