/** The fields that an element names in its attributes: `data-nearcast-zip-code="94107"` is `zipCode`. */
const PREFIX = 'nearcast'

export const fieldsOf = (element: HTMLElement): Record<string, string> => {
  const fields: Record<string, string> = {}
  for (const [name, value = ''] of Object.entries(element.dataset)) {
    const field = name.slice(PREFIX.length)
    if (name.startsWith(PREFIX) && field) fields[field.charAt(0).toLowerCase() + field.slice(1)] = value
  }
  return fields
}
