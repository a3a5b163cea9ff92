/** The token of the reader, for as long as this tab lives. */

const KEY = 'nearcast.read-token'

export const storedToken = (): string | null => sessionStorage.getItem(KEY)

/** `null` forgets it. */
export const storeToken = (token: string | null): void => {
  if (token === null) sessionStorage.removeItem(KEY)
  else sessionStorage.setItem(KEY, token)
}
