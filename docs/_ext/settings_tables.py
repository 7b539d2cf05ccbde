"""Tables of settings, taken from the JSON schemas that check study and measurement files.

``{study-settings}`` writes what every study knows, then a section for each registered problem
with what it has besides; ``{measurement-settings}`` the same for a measurement file. A problem
that is registered tomorrow has its section at the next build.
"""

import json
from collections.abc import Iterator
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

Row = tuple[str, str, str, str]  # name, what it may be, default, description
HEAD: Row = ("setting", "may be", "default", "what it is")


def kind_of(spec: dict[str, Any]) -> str:
    """What a value may be, in words."""
    if "$ref" in spec:
        return f"a mapping ({spec['$ref'].rsplit('/', 1)[1]})"
    if "anyOf" in spec:
        return " or ".join(dict.fromkeys(kind_of(choice) for choice in spec["anyOf"]))
    if "const" in spec:
        return json.dumps(spec["const"])
    if "enum" in spec:
        return ", ".join(str(value) for value in spec["enum"])
    name = spec.get("type", "anything")
    if name == "array":
        entries = spec.get("prefixItems")
        if entries:
            return "[" + ", ".join(kind_of(entry) for entry in entries) + "]"
        return f"list of {kind_of(spec.get('items', {}))}"
    if name == "object":
        values = spec.get("additionalProperties")
        return f"name: {kind_of(values)}" if isinstance(values, dict) else "a mapping"
    plain = {"integer": "whole number", "boolean": "true or false", "null": "none"}
    words = plain.get(name, "path" if spec.get("format") == "path" else name)
    return words + bounds_of(spec)


def bounds_of(spec: dict[str, Any]) -> str:
    """The bounds of a number, such as `` >= 1, < 100``; nothing for the widest."""
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    found = [
        f"{sign} {spec[key]:.12g}"
        for key, sign in signs.items()
        if key in spec and abs(spec[key]) < 1e12
    ]
    return f" {', '.join(found)}" if found else ""


def rows_of(properties: dict[str, Any], required: list[str]) -> Iterator[Row]:
    """The settings of one mapping; the default of a mapping stands in its own table."""
    for name, spec in properties.items():
        default = spec.get("default")
        if name in required:
            shown = "required"
        elif isinstance(default, dict):
            shown = "see below"
        elif default is None:
            shown = "none" if "default" in spec else ""
        else:
            shown = json.dumps(default, ensure_ascii=False).strip('"')
        yield name, kind_of(spec), shown, spec.get("description", "")


def mappings_of(schema: dict[str, Any]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Inner mappings by name of definition: (where they stand, definition)."""
    found: dict[str, tuple[str, dict[str, Any]]] = {}

    def walk(spec: Any, path: str) -> None:
        if isinstance(spec, list):
            for entry in spec:
                walk(entry, path)
        elif isinstance(spec, dict):
            name = spec.get("$ref", "").rsplit("/", 1)[-1]
            if name and name not in found:
                found[name] = (path, schema["$defs"][name])
                inner(schema["$defs"][name], path)
            for key in ("anyOf", "items", "additionalProperties"):
                walk(spec.get(key), path)

    def inner(node: dict[str, Any], path: str) -> None:
        for key, spec in node.get("properties", {}).items():
            walk(spec, f"{path}.{key}".strip("."))

    inner(schema, "")
    return found


def table(rows: list[Row], head: Row = HEAD) -> nodes.table:
    """A table of plain cells; names and values in type."""
    group = nodes.tgroup(cols=len(head))
    for width in (20, 30, 15, 35):
        group += nodes.colspec(colwidth=width)
    top, body = nodes.thead(), nodes.tbody()
    for row in (head, *rows):
        line = nodes.row()
        for column, text in enumerate(row):
            cell = nodes.entry()
            typed = row is not head and column in (0, 2) and text not in ("", "see below")
            plain = nodes.literal(text, text) if typed else nodes.Text(text)
            cell += nodes.paragraph("", "", plain)
            line += cell
        (top if row is head else body).append(line)
    group += [top, body]
    result = nodes.table("", group)
    result["classes"] += ["settings"]
    return result


def section(title: str, name: str, *content: nodes.Node) -> nodes.section:
    """A section with its anchor."""
    found = nodes.section(ids=[nodes.make_id(name)], names=[name])
    found += nodes.title(title, title)
    found.extend(content)
    return found


def schema_tables(
    schema: dict[str, Any], known: dict[str, Any] | None = None, skip: tuple[str, ...] = ()
) -> list[nodes.Node]:
    """The table of a schema and those of its inner mappings; without what is `known` already."""
    known = known or {"properties": {}, "$defs": {}}
    properties = {
        name: spec
        for name, spec in schema["properties"].items()
        if spec != known["properties"].get(name) and name not in skip
    }
    content: list[nodes.Node] = []
    if properties:
        content.append(table(list(rows_of(properties, schema.get("required", [])))))
    for name, (path, definition) in mappings_of(schema).items():
        if definition == known.get("$defs", {}).get(name) or path in skip:
            continue
        rows = list(rows_of(definition["properties"], definition.get("required", [])))
        text = f"{path} ({name}): {definition.get('description', '').rstrip('.')}."
        content += [nodes.paragraph("", "", nodes.strong(text, text)), table(rows)]
    return content


def problems() -> dict[str, tuple[Any, list[str]]]:
    """Problem classes by kind, with the names of their registered studies."""
    from pontecorvo.core.registry import find_problem, problem_names

    found: dict[str, tuple[Any, list[str]]] = {}
    for name in sorted(problem_names()):
        problem = find_problem(name).problem
        found.setdefault(problem.kind, (problem, []))[1].append(name)
    return dict(sorted(found.items()))


def option_rows(problem: Any) -> list[Row]:
    """The options that a problem adds to the verbs."""
    return [
        (f"--{option.name}", verb, "flag" if option.flag else "value", option.help)
        for verb, options in problem.options.items()
        for option in options
    ]


class StudySettings(SphinxDirective):
    """``{study-settings}``: all settings of all registered problems."""

    def run(self) -> list[nodes.Node]:
        """The sections."""
        from pontecorvo.core.settings import ModelSettings
        from pontecorvo.study.schema import problem_schema

        base = ModelSettings.model_json_schema()
        result: list[nodes.Node] = [section("Every study", "every study", *schema_tables(base))]
        for kind, (problem, names) in problems().items():
            first = (problem.__doc__ or "").strip().splitlines()
            content: list[nodes.Node] = [nodes.paragraph("", first[0])] if first else []
            listed = f"Registered as: {', '.join(names)}."
            content.append(nodes.paragraph("", listed))
            content += schema_tables(problem_schema(problem), base, ("study",))
            options = option_rows(problem)
            if options:
                head = ("option", "of the verb", "takes", "what it does")
                content.append(table(options, head))
            result.append(section(kind, f"settings of {kind}", *content))
        return result


class MeasurementSettings(SphinxDirective):
    """``{measurement-settings}``: what a measurement file may say."""

    def run(self) -> list[nodes.Node]:
        """The tables."""
        from pontecorvo.study.schema import measurement_schema

        return schema_tables(measurement_schema())


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives."""
    app.add_directive("study-settings", StudySettings)
    app.add_directive("measurement-settings", MeasurementSettings)
    return {"parallel_read_safe": True}
