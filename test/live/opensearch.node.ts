/** Installs and runs a real OpenSearch node. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const HERE = import.meta.dirname
const LIBRARIES = resolve(HERE, '../../.cache/opensearch-2.19.6')
const START_SECONDS = 180

export interface LocalNode {
  readonly url: string
  stop(): Promise<void>
}

/** Downloads the class path once, through Maven as it is set up on this machine. */
const install = (): void => {
  if (existsSync(join(LIBRARIES, 'complete'))) return
  const pom = join(HERE, 'opensearch.pom.xml')
  const goal = 'org.apache.maven.plugins:maven-dependency-plugin:copy-dependencies'
  execFileSync('mvn', ['-q', '-B', '-f', pom, goal, `-DoutputDirectory=${LIBRARIES}`], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  mkdirSync(join(LIBRARIES, 'complete'))
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

const answers = async (url: string): Promise<boolean> => {
  try {
    const answer = await fetch(`${url}/_cluster/health?wait_for_status=yellow&timeout=1s`)
    return answer.ok
  } catch {
    return false
  }
}

const waitFor = async (url: string, node: ChildProcess, log: string): Promise<void> => {
  for (let second = 0; second < START_SECONDS; second++) {
    if (await answers(url)) return
    if (node.exitCode !== null) throw new Error(`OpenSearch ended:\n${readFileSync(log, 'utf8').slice(-4_000)}`)
    await pause(1_000)
  }
  throw new Error(`OpenSearch did not answer within ${START_SECONDS} s`)
}

/** A node with an empty home, on free ports of 127.0.0.1, with 512 MB of heap. */
export const startNode = async (): Promise<LocalNode> => {
  install()
  const home = mkdtempSync(join(tmpdir(), 'nearcast-opensearch-'))
  const port = await freePort()
  const log = join(home, 'node.log')
  const output = openSync(log, 'a')
  const classPath = join(LIBRARIES, '*')
  const node = spawn(
    'java',
    [
      '-Xms512m',
      '-Xmx512m',
      '-cp',
      classPath,
      join(HERE, 'opensearch.Node.java'),
      home,
      `${port}`,
      `${await freePort()}`,
    ],
    { stdio: ['pipe', output, output] },
  )
  const url = `http://127.0.0.1:${port}`
  const stop = async (): Promise<void> => {
    if (node.exitCode === null) {
      node.stdin?.end()
      await once(node, 'exit')
    }
    rmSync(home, { recursive: true, force: true })
  }
  try {
    await waitFor(url, node, log)
    return { url, stop }
  } catch (error) {
    node.kill()
    throw error
  }
}
