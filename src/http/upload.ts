/** Reads an uploaded version: multipart form data, each part once, within a limit of its own. */
import { Failure, quote } from '../core/failure.ts'
import { MAX_UPLOAD_BYTES } from '../protocol/admin.ts'
import { VERSION_FILES, type VersionFile } from '../protocol/store-keys.ts'
import type { VersionFiles } from '../serving/ports/version-objects.ts'
import { type BodyParts, readBytes } from './body.ts'
import { boundaryOf, countParts } from './form-parts.ts'

/** 25 MiB at 4 Mbit/s. */
const UPLOAD_MILLISECONDS = 60_000
const MAX_NAME_LENGTH = 100
const MEBIBYTE = 1_048_576
/** The model may have what the upload may. Of the bundled version the others have a hundredth of that. */
const PART_BYTES: Readonly<Record<VersionFile, number>> = {
  manifest: MEBIBYTE,
  model: MAX_UPLOAD_BYTES,
  reference: 8 * MEBIBYTE,
  card: 8 * MEBIBYTE,
}
const FILES = Object.keys(VERSION_FILES) as readonly VersionFile[]
/** Its files and `by`; a few more, so that what is wrong can be named. */
const MAX_PARTS = 20

export interface Upload {
  readonly files: VersionFiles
  readonly by: string
}

const refuse = (message: string, part?: string, cause?: unknown): Failure =>
  new Failure('invalid_upload', message, part, { cause })

const readForm = async (request: Request, parts: Omit<BodyParts, 'limits'>): Promise<FormData> => {
  const type = request.headers.get('content-type') ?? ''
  if (!/^multipart\/form-data\s*;/i.test(type)) {
    const example = FILES.map((file) => `-F ${file}=@${VERSION_FILES[file]}`).join(' ')
    throw refuse(`content-type is ${quote(type)}; send multipart/form-data: curl ${example}`)
  }
  const limits = { maxBodyBytes: MAX_UPLOAD_BYTES, maxEvents: 0, maxKeys: 0 }
  const patience = { ...parts, limits, bodyMilliseconds: UPLOAD_MILLISECONDS }
  const bytes = await readBytes(request, patience, 'binary').catch((error) => {
    const isTooLarge = error instanceof Failure && error.code === 'body_too_large'
    throw isTooLarge ? new Failure('body_too_large', `an upload has ${MAX_UPLOAD_BYTES} bytes at most`) : error
  })
  const boundary = boundaryOf(type)
  if (boundary !== null && countParts(bytes, boundary, MAX_PARTS) > MAX_PARTS) {
    throw refuse(`the form has more than ${MAX_PARTS} parts; a version has ${FILES.join(', ')}, and "by"`)
  }
  try {
    return await new Response(bytes, { headers: { 'content-type': type } }).formData()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw refuse(`the body is not multipart/form-data with the boundary its header names: ${reason}`, undefined, cause)
  }
}

const readFile = async (form: FormData, part: VersionFile): Promise<Uint8Array | null> => {
  const [value, ...others] = form.getAll(part)
  if (value === undefined) return null
  if (others.length > 0) throw refuse(`part "${part}" is there ${others.length + 1} times`, part)
  if (typeof value === 'string') {
    throw refuse(`part "${part}" is a text; send a file, as in -F ${part}=@${VERSION_FILES[part]}`, part)
  }
  if (value.size > PART_BYTES[part]) {
    throw refuse(`part "${part}" has ${value.size} bytes, of ${PART_BYTES[part]} at most`, part)
  }
  if (value.size === 0) throw refuse(`part "${part}" is empty`, part)
  return new Uint8Array(await value.arrayBuffer())
}

const readName = (form: FormData): string => {
  const [name = null, ...others] = form.getAll('by')
  if (others.length > 0) throw refuse(`part "by" is there ${others.length + 1} times`, 'by')
  if (name === null) return 'admin'
  if (typeof name === 'string' && name !== '' && name.length <= MAX_NAME_LENGTH) return name
  throw refuse(`part "by" must be a text of 1 to ${MAX_NAME_LENGTH} characters`, 'by')
}

/** Throws Failure `invalid_upload` that names the part, or what reading a body throws, with the limit of uploads. */
export const readUpload = async (request: Request, parts: Omit<BodyParts, 'limits'>): Promise<Upload> => {
  const form = await readForm(request, parts)
  const unknown = [...form.keys()].find((key) => key !== 'by' && !Object.hasOwn(VERSION_FILES, key))
  if (unknown !== undefined) {
    throw refuse(`there is no part ${quote(unknown)}; a version has ${FILES.join(', ')}, and "by"`, unknown)
  }
  const by = readName(form)
  const manifest = await readFile(form, 'manifest')
  const model = await readFile(form, 'model')
  if (manifest === null) throw refuse('part "manifest" is missing', 'manifest')
  if (model === null) throw refuse('part "model" is missing', 'model')
  const files = { manifest, model, reference: await readFile(form, 'reference'), card: await readFile(form, 'card') }
  return { files, by }
}
