/** What each call takes and answers, read off the declared routes. */
import type { z } from 'zod'
import type { JsonValue } from '../core/json.ts'
import type { outcomeSchema } from '../protocol/outcomes.ts'
import type { ROUTES, RouteDeclaration } from '../protocol/routes.ts'

type Routes = typeof ROUTES

/** The routes of a method, by their paths as the OpenAPI document has them: `/v1/models/{model}`. */
type ByPath<Method extends RouteDeclaration['method']> = {
  [Name in keyof Routes as Routes[Name] extends { readonly method: Method }
    ? Routes[Name]['path']
    : never]: Routes[Name]
}
export type GetRoutes = ByPath<'get'>
export type PostRoutes = ByPath<'post'>

type Json = { readonly [name: string]: JsonValue | undefined }
/** What fetch sends as it is: the caller has encoded it. */
export type Encoded = string | Uint8Array<ArrayBuffer> | Blob | FormData | ReadableStream<Uint8Array>

type Outcome = z.input<typeof outcomeSchema>

type Body<B> = B extends 'events'
  ? Json | readonly Json[] | Encoded
  : B extends 'outcomes'
    ? Outcome | readonly Outcome[] | Encoded
    : B extends { readonly contentType: 'application/json'; readonly schema: z.ZodType }
      ? z.input<B['schema']> | Encoded
      : FormData | ReadableStream<Uint8Array>

/** Whole numbers may be given as such. */
type Texts<Q> = { readonly [Name in keyof Q]: string extends NonNullable<Q[Name]> ? Q[Name] | number : Q[Name] }

/** A member that may be left out where nothing in it must be there. */
type Member<Name extends string, T> =
  Record<never, never> extends T ? { readonly [Key in Name]?: T } : { readonly [Key in Name]: T }

type PathMember<R> = R extends { readonly path_parameters: z.ZodType }
  ? Member<'path', z.input<R['path_parameters']>>
  : unknown
type QueryMember<R> = R extends { readonly query: z.ZodType } ? Member<'query', Texts<z.input<R['query']>>> : unknown
type BodyMember<R> = R extends { readonly body: infer B }
  ? {
      readonly body: Body<B>
      /** Of a body that is encoded already; a form says it itself. */
      readonly contentType?: string
    }
  : unknown

export interface CallSettings {
  /** Instead of the client's; null sends none. */
  readonly token?: string | null
  /** Instead of the client's; the whole answer must be there by then. */
  readonly deadlineMilliseconds?: number
  /** Ends the call earlier. */
  readonly signal?: AbortSignal
  /** Such as x-request-id and traceparent. */
  readonly headers?: Readonly<Record<string, string>>
}

/** What a call of that route is given. */
export type Call<R> = CallSettings & PathMember<R> & QueryMember<R> & BodyMember<R>

/** The call itself may be left out where nothing in it must be there. */
export type Calls<R> = Record<never, never> extends Call<R> ? [call?: Call<R>] : [call: Call<R>]

/** What that route answers. */
export type Answer<R> = R extends { readonly answerType: infer Type }
  ? Type extends 'application/gzip'
    ? ReadableStream<Uint8Array>
    : string
  : R extends { readonly answer: z.ZodType }
    ? z.output<R['answer']>
    : never
