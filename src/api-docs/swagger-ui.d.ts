/** What is used of swagger-ui-dist, which brings no types. */
declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  /** A component or an element of the React that Swagger UI brings along. */
  export type Component = (properties: Readonly<Record<string, unknown>>) => unknown
  export interface System {
    readonly React: {
      createElement(type: unknown, properties: object | null, ...children: readonly unknown[]): unknown
      readonly Fragment: unknown
    }
  }
  export interface Plugin {
    readonly wrapComponents: Readonly<Record<string, (original: unknown, system: System) => Component>>
  }
  export interface Options {
    readonly url: string
    readonly dom_id: string
    readonly layout: 'BaseLayout'
    readonly docExpansion: 'list'
    readonly deepLinking: boolean
    /** Whose badge shows that the document is valid: null asks nobody. */
    readonly validatorUrl: null
    readonly queryConfigEnabled: boolean
    readonly plugins: readonly Plugin[]
    onComplete(): void
  }
  const SwaggerUI: (options: Options) => unknown
  export default SwaggerUI
}

declare module '*.css' {}
