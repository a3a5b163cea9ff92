/** What is needed to talk to a search server, as the flags or another program say it. */

export const ENGINES = ['elasticsearch', 'opensearch'] as const
export type Engine = (typeof ENGINES)[number]

/** As Node's `tls.connect` takes them; texts are PEM. */
export interface TlsOptions {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  /** False takes any certificate. */
  readonly rejectUnauthorized?: boolean
}

export interface ServerOptions {
  /** Without credentials: it stands in messages and files. */
  readonly url: string
  /** The value of the `authorization` header; never printed. */
  readonly authorization?: string | undefined
  readonly tls?: TlsOptions | undefined
  /** SHA-256 of the certificate that signed the server's; only Elasticsearch's client knows it. */
  readonly caFingerprint?: string | undefined
  /** Asked of the server where it is not given. */
  readonly engine?: Engine | undefined
  /** How long one request may take, its answer included. */
  readonly deadlineMilliseconds: number
  /** How often a request that may go through later is sent at most. */
  readonly attempts: number
  /** Has the server compress its answers: worth it on slow networks, a loss on fast ones. */
  readonly gzip: boolean
}
