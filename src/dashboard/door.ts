/** Asks the reader for the token, once. */
import { byId, say } from './elements.ts'
import { storedToken, storeToken } from './token.ts'

export interface Door {
  readonly token: () => string | null
  /** Shows the form; what was typed before was wrong if there was a token. */
  lock(): void
  readonly isLocked: () => boolean
}

/** `onOpen` is called with a token to be tried. */
export const startDoor = (onOpen: () => void): Door => {
  const form = byId<HTMLFormElement>('door')
  const field = byId<HTMLInputElement>('token')
  const charts = byId('charts')
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const token = field.value.trim()
    if (token === '') return
    storeToken(token)
    field.value = ''
    form.hidden = true
    charts.hidden = false
    onOpen()
  })
  byId('forget').addEventListener('click', () => {
    storeToken(null)
    location.reload()
  })
  return {
    token: storedToken,
    isLocked: () => !form.hidden,
    lock: () => {
      const wasWrong = storedToken() !== null
      storeToken(null)
      say(byId('door-note'), wasWrong ? 'The token was refused.' : '')
      field.setAttribute('aria-invalid', String(wasWrong))
      charts.hidden = true
      form.hidden = false
      field.focus()
    },
  }
}
