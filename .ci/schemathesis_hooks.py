"""Formats for Schemathesis: the document can say that a text is NDJSON or a time zone, not how to make one up."""

import json

import schemathesis
from hypothesis import strategies as st

EVENTS = st.fixed_dictionaries(
    {"createdDateTime": st.integers(1_600_000_000_000, 1_900_000_000_000)},
    optional={"zipCode": st.from_regex(r"[0-9]{5}", fullmatch=True), "session_id": st.text(max_size=20)},
)
OUTCOMES = st.fixed_dictionaries(
    {"id": st.uuids().map(str), "output": st.text(min_size=1, max_size=20), "value": st.booleans()}
)
OTHERS = st.dictionaries(st.text(max_size=10), st.none() | st.booleans() | st.integers() | st.text(max_size=20))

# Two lines or more are a batch, in which each line has an answer of its own, whatever it holds.
LINES = st.lists(EVENTS | OUTCOMES | OTHERS, min_size=2, max_size=5).map(
    lambda values: "\n".join(json.dumps(value) for value in values)
)
schemathesis.openapi.format("ndjson", LINES)
schemathesis.openapi.format("iana-time-zone", st.sampled_from(["America/New_York", "Pacific/Honolulu", "Asia/Kolkata", "UTC"]))


@schemathesis.serializer("application/x-ndjson")
def as_lines(ctx, value):
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()
