/** Follows a sample of isolates and prints, as JSON, what all of them ask of the shards. Its arguments are JSON. */
import { busiestShard, followIsolate, MOST_CALLS_PER_SECOND, shardsFor } from './isolates-course.ts'

const SEEDS = Array.from({ length: 20 }, (_, seed) => seed + 1)
const { isolates, eventsPerSecond, sample, seconds, fields } = JSON.parse(process.argv[2] ?? '{}')
const figures = []
for (let seed = 1; seed <= Math.min(sample, isolates); seed++)
  figures.push(await followIsolate(seed, { eventsPerSecond, seconds, fields }))
const callsPerSecond = Math.max(...figures.map((one) => one.callsPerSecond))
const shards = shardsFor(isolates, callsPerSecond, SEEDS)
const busiest = (count: number): number =>
  Math.max(...SEEDS.map((seed) => busiestShard(isolates, count, callsPerSecond, seed)))
console.log(
  JSON.stringify({
    callsPerSecond,
    meanBytes: Math.round(figures.reduce((sum, { meanBytes }) => sum + meanBytes, 0) / figures.length),
    mostBytes: Math.max(...figures.map(({ mostBytes }) => mostBytes)),
    shards,
    busiest: busiest(shards),
    busiestOfFour: busiest(4),
    most: MOST_CALLS_PER_SECOND,
  }),
)
