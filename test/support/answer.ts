/** Reads an answer's JSON as what a test takes it for. */
export const json = async <T>(response: Response): Promise<T> => (await response.json()) as T
