/** Puts the examples into the OpenAPI document: requests and answers at their routes, each problem once among the components. */
import type { createDocument } from 'zod-openapi'
import { FAILURE_CODES, type FailureCode } from '../../core/failure.ts'
import { inferenceError, isInferencePath } from '../inference.ts'
import { PROBLEMS } from '../problem.ts'
import { ROUTES, type RouteDeclaration } from '../routes.ts'
import answers from './answers.json' with { type: 'json' }
import { OTHER_ANSWERS } from './other-answers.ts'
import { exampleFailure, exampleProblem } from './problems.ts'
import { EXAMPLE_REQUESTS, type ExampleRequest } from './requests.ts'

/** What a worker answered to the example requests, long lists cut short: made by `npm run record:api`. */
export const EXAMPLE_ANSWERS: Readonly<Record<string, unknown>> = answers

type Document = ReturnType<typeof createDocument>

interface Example {
  readonly summary?: string
  readonly value: unknown
}
type Examples = Record<string, Example | { readonly $ref: string }>

/** As much of an operation as examples are put into. */
interface Operation {
  readonly parameters?: { readonly name: string; readonly in: string; example?: unknown }[]
  readonly requestBody?: { readonly content: Record<string, { example?: unknown; examples?: Examples }> }
  readonly responses: Record<string, { readonly content?: Record<string, { examples?: Examples }> }>
}

const mediaTypeOf = ({ body, contentType }: ExampleRequest): string | undefined =>
  body === undefined ? undefined : (contentType ?? 'application/json')

const addParameters = ({ parameters = [] }: Operation, requests: readonly ExampleRequest[]): void => {
  for (const parameter of parameters) {
    const given = requests.map(({ path, query }) => (parameter.in === 'path' ? path : query)?.[parameter.name])
    const example = given.find((value) => value !== undefined)
    // Of a query all is text; the document says number where it means one.
    if (example !== undefined) parameter.example = parameter.name === 'limit' ? Number(example) : example
  }
}

const addRequests = ({ requestBody }: Operation, requests: readonly ExampleRequest[]): void => {
  for (const [mediaType, content] of Object.entries(requestBody?.content ?? {})) {
    const fitting = requests.filter((request) => mediaTypeOf(request) === mediaType)
    if (fitting.length === 0) continue
    delete content.example
    content.examples = Object.fromEntries(fitting.map(({ name, summary, body }) => [name, { summary, value: body }]))
  }
}

const addAnswers = ({ responses }: Operation, key: keyof typeof ROUTES, route: RouteDeclaration): void => {
  const add = (status: number, mediaType: string, name: string, example: Example): void => {
    const content = responses[String(status)]?.content?.[mediaType]
    if (content === undefined) throw new Error(`${route.path} has no ${mediaType} with ${status}`)
    content.examples = { ...content.examples, [name]: example }
  }
  for (const { name, summary, status } of EXAMPLE_REQUESTS[key]) {
    const value = EXAMPLE_ANSWERS[`${key}.${name}`]
    add(status, route.answerType ?? 'application/json', name, { summary, value })
  }
  for (const { status, mediaType, name, summary, value } of OTHER_ANSWERS[key] ?? [])
    add(status, mediaType, name, { summary, value })
}

/** Under which name the components hold the problem of that code, as the route's path has it. */
const problemName = (path: string, code: FailureCode): string => (isInferencePath(path) ? `inference_${code}` : code)

const addProblems = ({ responses }: Operation, { path }: RouteDeclaration, codes: readonly FailureCode[]): void => {
  const mediaType = isInferencePath(path) ? 'application/json' : 'application/problem+json'
  for (const code of codes) {
    const content = responses[String(PROBLEMS[code].status)]?.content?.[mediaType]
    if (content === undefined) throw new Error(`${path} has no answer for ${code}`)
    const reference = { $ref: `#/components/examples/${problemName(path, code)}` }
    content.examples = { ...content.examples, [code]: reference }
  }
}

/** Changes `document`. `codesOf`: every problem that a route can answer. */
export const addExamples = (
  document: Document,
  codesOf: (route: RouteDeclaration) => readonly FailureCode[],
): Document => {
  const paths = document.paths as unknown as Record<string, Record<string, Operation>>
  for (const [key, route] of Object.entries(ROUTES) as [keyof typeof ROUTES, RouteDeclaration][]) {
    const operation = paths[route.path]?.[route.method]
    if (operation === undefined) throw new Error(`${route.path} is not in the document`)
    const requests = EXAMPLE_REQUESTS[key]
    addParameters(operation, requests)
    addRequests(operation, requests)
    addAnswers(operation, key, route)
    addProblems(operation, route, codesOf(route))
  }
  const inferenceCodes = new Set(
    Object.values<RouteDeclaration>(ROUTES)
      .filter(({ path }) => isInferencePath(path))
      .flatMap(codesOf),
  )
  const examples: Examples = {}
  for (const code of FAILURE_CODES) {
    const summary = PROBLEMS[code].title
    examples[code] = { summary, value: exampleProblem(code) }
    if (inferenceCodes.has(code))
      examples[problemName('/v2', code)] = { summary, value: inferenceError(exampleFailure(code)) }
  }
  document.components = { ...document.components, examples }
  return document
}
