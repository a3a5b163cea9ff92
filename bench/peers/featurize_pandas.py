"""The same five columns by pandas, from a list of what json.loads gives: `python featurize_pandas.py INPUT OUTPUT TIME_FIELD`."""

import json
import sys

import pandas

source, output, time_field = sys.argv[1:]
ids = []
times = []
with open(source, "rb") as lines:
    for line in lines:
        record = json.loads(line)
        ids.append(record["_id"])
        times.append(record["_source"][time_field])
unit = "ms" if time_field == "createdDateTime" else None
instant = pandas.to_datetime(pandas.Series(times), unit=unit, utc=True)
pandas.DataFrame(
    {
        "event_id": ids,
        "epoch_ms": instant.dt.as_unit("ms").astype("int64"),
        "day_of_year": instant.dt.dayofyear,
        "day_of_week": instant.dt.dayofweek,
        "hour_of_day": instant.dt.hour,
    }
).to_parquet(output)
