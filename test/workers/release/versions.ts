/** Versions to publish, and the calls of an operator. */
import { env, exports } from 'cloudflare:workers'
import type { Manifest } from '../../../src/protocol/manifest.ts'
import type { VersionFiles } from '../../../src/serving/ports/version-objects.ts'
import manifest from '../../fixtures/foreign/served/mlp/1.0.0/manifest.json'
import model from '../../fixtures/foreign/served/mlp/1.0.0/model.onnx'
import reference from '../../fixtures/foreign/served/mlp/1.0.0/reference.json'

const { ADMIN_TOKEN } = env as unknown as { ADMIN_TOKEN: string }

const utf8 = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))

let made = 0
/** A name that no other test uses. */
export const newName = (): string => `model-${++made}-${crypto.randomUUID().slice(0, 8)}`

/** The files of a version of the network in test/fixtures/foreign, under another name and number. */
export const filesOf = (
  name: string,
  version: string,
  change: (manifest: Manifest) => void = () => undefined,
): VersionFiles => {
  const own = structuredClone(manifest) as unknown as Manifest
  Object.assign(own, { name, version })
  change(own)
  return {
    manifest: utf8(own),
    model: new Uint8Array(model),
    reference: utf8({ ...reference, model: name, version }),
    card: utf8(`# ${name} ${version}\n`),
  }
}

const NAMES = { manifest: 'manifest.json', model: 'model.onnx', reference: 'reference.json', card: 'MODEL_CARD.md' }

export const formOf = (files: Partial<VersionFiles>): FormData => {
  const form = new FormData()
  for (const [part, bytes] of Object.entries(files)) {
    if (bytes !== null)
      form.append(part, new File([bytes as Uint8Array<ArrayBuffer>], NAMES[part as keyof typeof NAMES]))
  }
  return form
}

export const admin = (path: string, init: RequestInit = {}, token = ADMIN_TOKEN): Promise<Response> => {
  const headers = new Headers(init.headers)
  headers.set('authorization', `Bearer ${token}`)
  return exports.default.fetch(new Request(`https://nearcast.test/admin/models/${path}`, { ...init, headers }))
}

export const publish = (name: string, files: Partial<VersionFiles>): Promise<Response> =>
  admin(`${name}/versions`, { method: 'POST', body: formOf(files) })

export const command = (name: string, body: object): Promise<Response> =>
  admin(`${name}/release`, { method: 'POST', body: JSON.stringify(body) })
