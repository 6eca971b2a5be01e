"""Google's discovery documents, as the official client carries them, and checks of values against their schemas."""

import datetime
import json
import pathlib
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

import googleapiclient

DOCUMENTS = pathlib.Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"
# Parameters of every method that discovery names only at the top of the document.
BOOLEANS = {"true", "false"}


@dataclass
class Method:
    """One method of an API: how it is addressed, and what goes in and out."""

    id: str
    http_method: str
    pattern: re.Pattern
    parameters: dict
    request: str | None
    response: str | None


class Api:
    """One discovery document."""

    def __init__(self, name: str):
        self.document = json.loads((DOCUMENTS / f"{name}.json").read_text())
        self.schemas = self.document["schemas"]
        self.base = "/google/" + self.document["servicePath"]
        self.methods = list(self._methods(self.document))

    def _methods(self, resource):
        for method in resource.get("methods", {}).values():
            # `{+name}` may hold slashes, `{name}` may not.
            template = re.sub(r"\{\+\w+\}", "(.+)", re.sub(r"\{\w+\}", "([^/]+)", method["path"]))
            yield Method(
                id=method["id"],
                http_method=method["httpMethod"],
                pattern=re.compile(re.escape(self.base) + template + "$"),
                parameters={**self.document.get("parameters", {}), **method.get("parameters", {})},
                request=method.get("request", {}).get("$ref"),
                response=method.get("response", {}).get("$ref"),
            )
        for child in resource.get("resources", {}).values():
            yield from self._methods(child)

    def find(self, http_method: str, path: str) -> Method | None:
        # The most literal template wins: `events/import` is no event's id.
        fitting = [m for m in self.methods if m.http_method == http_method and m.pattern.match(path)]
        return min(fitting, key=lambda m: m.pattern.groups, default=None)

    def query_faults(self, method: Method, query: str):
        """What is wrong with the query of a request."""
        pairs = parse_qsl(query, keep_blank_values=True)
        for name, parameter in method.parameters.items():
            count = sum(1 for key, _ in pairs if key == name)
            if parameter.get("required") and parameter.get("location") == "query" and not count:
                yield f"query: {name} is required"
            if count > 1 and not parameter.get("repeated"):
                yield f"query: {name} is given {count} times"
        for name, value in pairs:
            parameter = method.parameters.get(name)
            if parameter is None or parameter.get("location") == "path":
                yield f"query: {name} is unknown"
            else:
                yield from parameter_faults(name, parameter, unquote(value))

    def value_faults(self, schema, value, where: str):
        """What is wrong with a JSON value by a schema, or by the name of one."""
        if isinstance(schema, str):
            schema = self.schemas[schema]
        if "$ref" in schema:
            yield from self.value_faults(schema["$ref"], value, where)
            return
        if value is None:
            return
        kind = schema.get("type", "any")
        if not is_of(kind, value):
            yield f"{where}: {json.dumps(value)[:60]} is no {kind}"
        elif kind == "object":
            yield from self._object_faults(schema, value, where)
        elif kind == "array":
            for index, item in enumerate(value):
                yield from self.value_faults(schema["items"], item, f"{where}[{index}]")
        elif kind == "string":
            yield from string_faults(schema, value, where)

    def _object_faults(self, schema, value, where):
        properties = schema.get("properties", {})
        for name, field in value.items():
            inner = properties.get(name, schema.get("additionalProperties"))
            if inner is None:
                yield f"{where}.{name}: is unknown"
            else:
                yield from self.value_faults(inner, field, f"{where}.{name}")


def is_of(kind, value):
    match kind:
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        case "array":
            return isinstance(value, list)
        case "object":
            return isinstance(value, dict)
    return True


def string_faults(schema, value, where):
    if schema.get("enum") and value not in schema["enum"]:
        yield f"{where}: {value!r} is none of {schema['enum']}"
    match schema.get("format"):
        case "date" if not is_date(value):
            yield f"{where}: {value!r} is no date"
        case "date-time" if not is_date_time(value):
            yield f"{where}: {value!r} is no RFC 3339 time"
        case "int64" | "uint64" if not re.fullmatch(r"-?\d+", value):
            yield f"{where}: {value!r} is no number in a string"


def is_date(text):
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10


# An event's dateTime may leave its offset out where timeZone is given, so the offset is not demanded here.
def is_date_time(text):
    try:
        datetime.datetime.fromisoformat(text)
    except ValueError:
        return False
    return "T" in text


def parameter_faults(name, parameter, value):
    kind = parameter.get("type")
    if kind == "boolean" and value not in BOOLEANS:
        yield f"query: {name}={value} is no boolean"
    elif kind == "integer":
        if not re.fullmatch(r"-?\d+", value):
            yield f"query: {name}={value} is no integer"
        elif "minimum" in parameter and int(value) < int(parameter["minimum"]):
            yield f"query: {name}={value} is below {parameter['minimum']}"
        elif "maximum" in parameter and int(value) > int(parameter["maximum"]):
            yield f"query: {name}={value} is above {parameter['maximum']}"
    elif parameter.get("enum") and value not in parameter["enum"]:
        yield f"query: {name}={value} is none of {parameter['enum']}"
    elif parameter.get("format") == "date-time" and not (
        is_date_time(value) and datetime.datetime.fromisoformat(value).tzinfo
    ):
        yield f"query: {name}={value} is no RFC 3339 time with an offset"
