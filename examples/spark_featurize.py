"""Featurizes logged events, one a line, on Spark: spark-submit spark_featurize.py NEARCAST INPUT OUTPUT [OPTION…]

NEARCAST is the folder in which every executor has Nearcast and its Node, INPUT what Spark reads as text, OUTPUT a new
folder of Parquet files with a row for each line of the input: `error` tells why a line gave no features, else it is
null. Each OPTION goes to `nearcast featurize`.
"""

import shlex
import sys

from pyspark.sql import SparkSession

# What `nearcast featurize` writes for the zip features that come with it; --label, --model and --view add columns.
COLUMNS = """
    event_id STRING, epoch_ms BIGINT, day_of_year INT, day_of_week INT, hour_of_day INT,
    local_day_of_year INT, local_day_of_week INT, local_hour_of_day INT, local_minute_of_day INT,
    utc_offset_hours DOUBLE, latitude DOUBLE, longitude DOUBLE, state STRING, time_zone STRING, zip_level STRING,
    error STRUCT<code: STRING, message: STRING, path: STRING>
"""


def filter_command(nearcast: str, options: tuple[str, ...]) -> str:
    """The command of one partition, in full: `pipe` runs it without PATH."""
    package = f"{nearcast}/node_modules/nearcast"
    return shlex.join(
        [f"{nearcast}/node_modules/.bin/node", f"{package}/dist/nearcast.js", "featurize", "-"]
        # The format is named, since the first line of a partition may be a broken one.
        + ["--format", "ndjson", "--keep-order", "--threads", "1", "--zips", f"{package}/kv-seed", *options]
    )


def main(nearcast: str, source: str, target: str, *options: str) -> None:
    spark = SparkSession.builder.appName("nearcast featurize").getOrCreate()
    events = spark.sparkContext.textFile(source)
    # Without checkCode a filter that fails only ends its partition early, and rows are lost.
    lines = events.pipe(filter_command(nearcast, options), checkCode=True)
    spark.read.schema(COLUMNS).json(lines, mode="FAILFAST").write.parquet(target)
    spark.read.parquet(target).groupBy("error.code").count().orderBy("code").show()
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
