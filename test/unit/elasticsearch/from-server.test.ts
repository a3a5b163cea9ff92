import { parseArgs } from 'node:util'
import { describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/cli/command.ts'
import {
  namesServer,
  openSources,
  postEvents,
  SERVER_FLAGS,
  SERVER_HELP,
} from '../../../src/cli/elasticsearch/from-server.ts'
import { running } from './read-sources.ts'

const flagsOf = (line: string) => parseArgs({ args: line.split(' ').filter(Boolean), options: SERVER_FLAGS }).values
const SERVER = '--elasticsearch http://127.0.0.1:9 --index i'

const open = (line: string, kind: 'file' | 'folder' | 'stream', path: string) =>
  openSources(
    {
      flags: flagsOf(line),
      timeUnit: undefined,
      output: { kind, path },
      isFinished: () => false,
      notice: () => undefined,
    },
    running(),
  )

describe('the flags of a server', () => {
  it('are all explained', () => {
    for (const name of Object.keys(SERVER_FLAGS)) expect(SERVER_HELP).toContain(`--${name}`)
  })

  it('make no sense without one', () => {
    expect(namesServer(flagsOf(''))).toBe(false)
    expect(namesServer(flagsOf(SERVER))).toBe(true)
    expect(() => namesServer(flagsOf('--slice 1h'))).toThrow('--slice goes with --elasticsearch URL')
  })
})

describe('an endless stream', () => {
  it('is not written to a file, which would never be finished', async () => {
    await expect(open(`${SERVER} --follow`, 'file', 'rows.parquet')).rejects.toThrow(UsageError)
  })

  it('wants a checkpoint; a folder has its own', async () => {
    await expect(open(`${SERVER} --follow`, 'stream', '-')).rejects.toThrow('--follow goes with --checkpoint FILE')
    expect(await open(`${SERVER} --follow`, 'folder', 'parts')).toHaveProperty('sources')
  })

  it('goes to a worker that is named', async () => {
    const request = { timeUnit: undefined, rejects: undefined, predictions: process.stdout, notice: () => undefined }
    const flags = flagsOf(`${SERVER} --to http://127.0.0.1:9/`)
    await expect(postEvents({ ...request, flags }, running())).rejects.toThrow(/ends in \/v1\/events/)
  })
})
