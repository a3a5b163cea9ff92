/** Light, dark, or as the system has it; remembered for this browser. */
import { byId } from './elements.ts'

const KEY = 'nearcast.theme'
const THEMES = ['system', 'light', 'dark']

const apply = (theme: string): void => {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

/** `onChange` is called when the colours of the page have become others. */
export const startTheme = (onChange: () => void): void => {
  const choice = byId<HTMLSelectElement>('theme')
  const stored = localStorage.getItem(KEY) ?? 'system'
  choice.value = THEMES.includes(stored) ? stored : 'system'
  apply(choice.value)
  choice.addEventListener('change', () => {
    localStorage.setItem(KEY, choice.value)
    apply(choice.value)
    onChange()
  })
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', onChange)
}
