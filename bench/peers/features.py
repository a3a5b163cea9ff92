"""The same features as the Worker's, as a Python service would compute them: datetime, zoneinfo, and a dict of zips."""

import json
import os
from datetime import datetime, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parents[2]
MODEL_FOLDER = Path(os.environ["BENCH_MODEL_FOLDER"])
MANIFEST = json.loads((MODEL_FOLDER / "manifest.json").read_text())
FIELDS = [(field["name"], field["source"]) for field in MANIFEST["feature_view"]["fields"]]
OUTPUT = MANIFEST["outputs"][0]["name"]


def _zips() -> dict[str, dict[str, object]]:
    zips: dict[str, dict[str, object]] = {}
    for entry in json.loads((ROOT / "kv-seed" / "zips.json").read_text()):
        pack = json.loads(entry["value"])
        for code, row in pack["zips"].items():
            zips[code] = dict(zip(pack["columns"], row))
    return zips


ZIPS = _zips()
ZONES = {name: ZoneInfo(name) for name in {str(place["time_zone"]) for place in ZIPS.values() if place["time_zone"]}}


def _calendar(at: datetime, prefix: str) -> dict[str, float]:
    return {
        prefix + "hour_of_day": at.hour,
        prefix + "day_of_week": at.weekday(),
        prefix + "day_of_year": at.timetuple().tm_yday,
        prefix + "minute_of_day": at.hour * 60 + at.minute,
    }


def read_event(event: dict) -> tuple[dict[str, object], list[float]]:
    """The event's fields, and one row in the order of the model's feature view."""
    source = event.get("_source", event)
    place = ZIPS[source["zipCode"]]
    utc = datetime.fromtimestamp(source["createdDateTime"] / 1000, timezone.utc)
    local = utc.astimezone(ZONES[str(place["time_zone"])])
    offset = local.utcoffset()
    known = {
        "time": _calendar(utc, ""),
        "local_time": _calendar(local, "local_")
        | {"utc_offset_hours": offset.total_seconds() / 3600 if offset else 0.0},
        "zip": place,
        "event": source,
    }
    return source, [float(known[origin][name]) for name, origin in FIELDS]


def answer(event: dict, source: dict[str, object], row: list[float], value: float) -> dict[str, object]:
    return {
        "id": event.get("_id"),
        "model_name": MANIFEST["name"],
        "model_version": MANIFEST["version"],
        "outputs": {OUTPUT: value},
        "features": dict(zip((name for name, _ in FIELDS), row)),
        "event_time": {"epoch_ms": source["createdDateTime"]},
        "zip": source["zipCode"],
    }
