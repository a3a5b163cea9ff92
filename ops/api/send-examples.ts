/** Sends the example requests of the OpenAPI document to a worker, with what only that worker knows put into them. */
import {
  EXAMPLE_LETTER,
  EXAMPLE_OBJECT,
  EXAMPLE_RECEIPT,
  type ExampleRequest,
} from '../../src/protocol/examples/requests.ts'
import type { RouteDeclaration, Security } from '../../src/protocol/routes.ts'
import { ReceiptKeys } from '../../src/serving/receipts/receipt-keys.ts'
import { ReceiptSigner } from '../../src/serving/receipts/sign-receipts.ts'

export type Send = (path: string, init: RequestInit) => Promise<Response>

/** Of the bundled version: what is published under another name is made of it. */
export interface VersionFiles {
  readonly manifest: object
  readonly model: Uint8Array<ArrayBuffer>
  readonly reference: object
}

export interface ExampleWorker {
  readonly send: Send
  readonly tokens: Readonly<Record<Exclude<Security, 'public'>, string>>
  /** Its SIGNING_KEY. */
  readonly signingKey: string
  readonly files: VersionFiles
}

/** What stands in the worker for the names in the examples. */
export type Names = Readonly<Record<typeof EXAMPLE_LETTER | typeof EXAMPLE_OBJECT | typeof EXAMPLE_RECEIPT, string>>

const LONG_AGO = 1_700_000_000_000

const oldReceipt = async (signingKey: string): Promise<string> => {
  const clock = { epochMilliseconds: () => LONG_AGO } as ConstructorParameters<typeof ReceiptSigner>[0]['clock']
  const signer = new ReceiptSigner({ keys: new ReceiptKeys([signingKey]), manifestOf: () => null, clock })
  const prediction = { id: 's-0', model_name: 'late-arrival', model_version: '1.0.0', warnings: [] } as never
  const [signed] = await signer.sign([{ prediction }])
  if (signed === undefined || !('prediction' in signed)) throw new Error('no receipt was signed')
  return signed.prediction.receipt ?? ''
}

const formOf = ({ manifest, model, reference }: VersionFiles, name: string, version: string): FormData => {
  const form = new FormData()
  form.set('manifest', new Blob([JSON.stringify({ ...manifest, name, version })]), 'manifest.json')
  form.set('model', new Blob([model]), 'model.onnx')
  form.set('reference', new Blob([JSON.stringify({ ...reference, model: name, version })]), 'reference.json')
  form.set('by', 'ada')
  return form
}

/** Sends one of the examples. */
export const sendExample = (
  { send, tokens, files }: ExampleWorker,
  { path, method, security }: RouteDeclaration,
  { path: parameters = {}, query, body, contentType }: ExampleRequest,
  names: Names,
): Promise<Response> => {
  const own = (text: string): string =>
    Object.entries(names).reduce((all, [name, value]) => all.replaceAll(name, value), text)
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(own(parameters[name] ?? '')))
  const search = query === undefined ? '' : `?${own(new URLSearchParams(query).toString().replaceAll('%2F', '/'))}`
  const headers: Record<string, string> = security === 'public' ? {} : { authorization: `Bearer ${tokens[security]}` }
  if (contentType === 'multipart/form-data') {
    const form = formOf(files, parameters.model ?? '', '1.1.0')
    return send(`${filled}${search}`, { method: 'POST', headers, body: form })
  }
  if (body !== undefined) headers['content-type'] = contentType ?? 'application/json'
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const init = { method: method.toUpperCase(), headers }
  return send(`${filled}${search}`, body === undefined ? init : { ...init, body: own(text) })
}

/** Publishes the first version of `late-arrival-west`, and gives one event up. `object`: the key of an object of the archive. */
export const prepareWorker = async (
  { send, tokens, signingKey, files }: ExampleWorker,
  object: string,
): Promise<Names> => {
  const body = formOf(files, 'late-arrival-west', '1.0.0')
  const headers = { authorization: `Bearer ${tokens.admin}` }
  const published = await send('/admin/models/late-arrival-west/versions', { method: 'POST', headers, body })
  if (!published.ok) throw new Error(`publishing answered ${published.status}: ${await published.text()}`)
  const refused = await send('/v1/events', { method: 'POST', body: '{"zipCode":"10001"}' })
  const { rejected } = (await refused.json()) as { rejected: readonly { dead_letter: string | null }[] }
  const letter = rejected[0]?.dead_letter
  if (letter === undefined || letter === null) throw new Error('no dead letter was kept')
  return {
    [EXAMPLE_LETTER]: letter,
    [EXAMPLE_OBJECT]: object,
    [EXAMPLE_RECEIPT]: await oldReceipt(signingKey),
  }
}
