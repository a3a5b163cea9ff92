"""The same five columns as the assignment's notebook makes them: `python featurize_pandas.py INPUT OUTPUT TIME_FIELD`."""

import json
import sys

import pandas

source, output, time_field = sys.argv[1:]
with open(source) as lines:
    records = pandas.json_normalize([json.loads(line) for line in lines], max_level=1)
time = records[f"_source.{time_field}"]
times = pandas.to_datetime(time, unit="ms") if time_field == "createdDateTime" else pandas.to_datetime(time)
pandas.DataFrame(
    {
        "event_id": records["_id"],
        "epoch_ms": times.astype("int64") // 1_000_000,
        "day_of_year": times.dt.dayofyear,
        "day_of_week": times.dt.dayofweek,
        "hour_of_day": times.dt.hour,
    }
).to_parquet(output)
