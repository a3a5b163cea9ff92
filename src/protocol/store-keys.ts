/** The grammar of the keys in KV. */

/** `zip3/941`: the pack of all zips that begin with 941. */
export const zipPackKey = (zip3: string): string => `zip3/${zip3}`
