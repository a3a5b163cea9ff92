/** The workflows: what they run is there, and what they may is little. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
  readonly env?: Readonly<Record<string, string>>
}

interface Job {
  readonly uses?: string
  readonly steps?: readonly Step[]
  readonly permissions?: Readonly<Record<string, string>>
  readonly 'timeout-minutes'?: number
  readonly env?: Readonly<Record<string, string>>
  readonly environment?: string
  readonly needs?: string
}

interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>
  readonly jobs: Readonly<Record<string, Job>>
}

const FOLDER = '.github/workflows'
const workflows = readdirSync(FOLDER).map((file) => {
  const text = readFileSync(join(FOLDER, file), 'utf8')
  return { file, text, workflow: parse(text) as Workflow }
})
const jobs = workflows.flatMap(({ file, workflow }) =>
  Object.entries(workflow.jobs).map(([name, job]) => ({ name: `${file} ${name}`, job })),
)
const steps = jobs.flatMap(({ name, job }) => (job.steps ?? []).map((step) => ({ name, step })))
const commands = steps.flatMap(({ step }) => step.run?.trim().split('\n') ?? [])

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }

/** Whether what a line calls is there. */
const isThere = (line: string): boolean => {
  const [program, first = '', second = ''] = line.replace(/^npx node /, 'node ').split(' ')
  if (program === 'node') return existsSync(first)
  if (program === 'npm' && first === 'run') return Object.hasOwn(scripts, second)
  if (program === 'npm') return first === 'ci' || Object.hasOwn(scripts, first)
  if (program === 'npx' && first === 'nearcast') return existsSync(`src/cli/commands/${second}.ts`)
  return program === 'git' && first === 'diff'
}

const job = (file: string, name: string): Job =>
  workflows.find((each) => each.file === file)?.workflow.jobs[name] as Job
const runs = ({ steps: own = [] }: Job): readonly string[] => own.flatMap(({ run }) => run?.trim().split('\n') ?? [])

describe('the workflows', () => {
  it('are a check, and a deployment that checks first', () => {
    expect(workflows.map(({ file }) => file).sort()).toEqual(['check.yml', 'deploy.yml'])
    expect(job('deploy.yml', 'check').uses).toBe(`./${FOLDER}/check.yml`)
    expect(job('deploy.yml', 'staging').needs).toBe('check')
    expect(job('deploy.yml', 'production').needs).toBe('staging')
    expect(job('deploy.yml', 'release').needs).toBe('production')
  })

  it('call only what is there', () => {
    expect(commands.length).toBeGreaterThan(15)
    expect(commands.filter((line) => !isThere(line))).toEqual([])
  })

  it('would be found out if they called something that is not', () => {
    expect(['node ops/nothing.ts', 'npm run nothing', 'npx nearcast nothing', 'curl x'].map(isThere)).toEqual([
      false,
      false,
      false,
      false,
    ])
  })

  it('check, test, validate the models and hold the budgets', () => {
    expect(commands).toEqual(
      expect.arrayContaining([
        'npm run check',
        'npm test',
        'node ops/deploy/validate-models.ts',
        'npm run size',
        'npm run size -- --env staging',
        'npm run size -- --env production',
        'npx node ops/deploy/startup-budget.ts',
      ]),
    )
  })

  it('use official actions by their major tags, others by the hash of a commit, and keep no credentials in the checkout', () => {
    const isPinned = (action: string): boolean =>
      /^actions\/[a-z-]+@v\d+$/.test(action) || /^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/.test(action)
    expect(['someone/else@v1', 'actions/checkout@main', 'actions/checkout'].some(isPinned)).toBe(false)
    const used = steps.flatMap(({ step }) => step.uses ?? [])
    expect(used.length).toBeGreaterThan(10)
    expect(used.filter((action) => !isPinned(action))).toEqual([])
    for (const { step } of steps.filter(({ step: { uses } }) => uses?.startsWith('actions/checkout@'))) {
      expect(step.with?.['persist-credentials']).toBe(false)
    }
  })

  it('may read the repository, and only the job that tags may write to it', () => {
    for (const { workflow } of workflows) expect(workflow.permissions).toEqual({ contents: 'read' })
    const raised = jobs.filter(({ job: { permissions } }) => permissions !== undefined)
    expect(raised.map(({ name, job: { permissions } }) => [name, permissions])).toEqual([
      ['deploy.yml release', { contents: 'write' }],
    ])
  })

  it('give no secret to a command line, where it could be printed, nor let a value be taken for a command', () => {
    expect(commands.filter((line) => line.includes('${{') || /\$\{?(?!URL\b)[A-Z_]+/.test(line))).toEqual([])
    expect(commands.filter((line) => /\b(echo|printenv|printf|cat)\b|^env\b|set -x/.test(line))).toEqual([])
    for (const { text } of workflows) {
      const lines = text.split('\n').filter((line) => line.includes('secrets.'))
      expect(lines.filter((line) => !/^ {6}[A-Z_]+: \$\{\{ secrets\.[A-Z_]+ \}\}$/.test(line))).toEqual([])
    }
  })

  it('give secrets to jobs of an environment alone, and ADMIN_TOKEN to none', () => {
    for (const { job: each } of jobs) {
      const isSecret = Object.values(each.env ?? {}).some((value) => value.includes('secrets.'))
      if (isSecret) expect(['staging', 'production']).toContain(each.environment)
    }
    expect(workflows.some(({ text }) => text.includes('ADMIN_TOKEN'))).toBe(false)
    expect(workflows.some(({ text }) => text.includes('pull_request_target'))).toBe(false)
  })

  it('end: every job has a time limit', () => {
    const own = jobs.filter(({ job: { uses } }) => uses === undefined)
    expect(own.length).toBeGreaterThan(5)
    for (const { name, job: each } of own) expect(each['timeout-minutes'], name).toBeGreaterThan(0)
  })
})

describe('production', () => {
  it('is looked at before, goes step by step, back if it is cut off, and is looked at again', () => {
    expect(runs(job('deploy.yml', 'production'))).toEqual([
      'npm ci',
      'npx nearcast deploy check --env production',
      'node ops/deploy/gradual.ts --env production --url "$URL"',
      'node ops/deploy/abandon.ts',
      'node ops/deploy/at-once.ts --env production --url "$URL" --no-way-back',
      'node ops/deploy/post-check.ts --env production --url "$URL"',
    ])
  })
})
