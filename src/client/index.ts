/** `nearcast/client`: what other programs import. */
export { type Client, type ClientOptions, createClient } from './client.ts'
export { ClientError, NoAnswerError, type ProblemCode, ProblemError, UnexpectedAnswerError } from './errors.ts'
export type { Answer, Call, CallSettings, Encoded, GetRoutes, PostRoutes } from './types.ts'
