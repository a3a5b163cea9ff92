/** The local secrets in .dev.vars: written where missing, kept where there. */
import { randomBytes } from 'node:crypto'
import { appendFileSync, chmodSync, existsSync, readFileSync } from 'node:fs'

/** 256 bits: as many as the HMAC of a receipt has. */
const SECRET_BYTES = 32

const secret = (): string => randomBytes(SECRET_BYTES).toString('hex')

/** The variables of local development, each with what makes its value. */
const VARIABLES: Readonly<Record<string, () => string>> = {
  ADMIN_TOKEN: secret,
  READ_TOKEN: secret,
  WRITE_TOKEN: secret,
  SIGNING_KEY: secret,
  PUBLIC_STATS: () => 'true',
}

/** The names that `text`, in dotenv form, gives a value; an empty value is one. */
export const namesIn = (text: string): Set<string> =>
  new Set([...text.matchAll(/^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*(?:=|:[ \t])/gm)].map((match) => match[1] ?? ''))

/** The names that `text` lacks, and what to append to it so that it has them all. */
export const missingVariables = (text: string): { names: readonly string[]; addition: string } => {
  const present = namesIn(text)
  const names = Object.keys(VARIABLES).filter((name) => !present.has(name))
  const lines = names.map((name) => `${name}=${VARIABLES[name]?.()}\n`)
  const separator = text === '' || text.endsWith('\n') ? '' : '\n'
  return { names, addition: names.length === 0 ? '' : separator + lines.join('') }
}

/** Completes `file`, readable by its owner alone, and returns the names it wrote. Throws the file system's error. */
export const completeDevVars = (file: string): readonly string[] => {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const { names, addition } = missingVariables(text)
  if (addition !== '') appendFileSync(file, addition, { mode: 0o600 })
  chmodSync(file, 0o600)
  return names
}
