/** What a request tells of who sent its events. */
export interface Caller {
  /** The postal code the edge knows of the caller, when it may be used. */
  readonly edgeZip: string | null
  /** Taken for a bot: its events are answered, and kept out of drift and of the judgement of canaries. */
  readonly isBot: boolean
  /** Asked not to be followed (Sec-GPC, DNT): nothing is archived and no visitor is told apart. */
  readonly isOptedOut: boolean
}
