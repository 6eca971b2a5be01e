// What scripts/browser-tests tells about the world that it started.

export const need = (name: string): string => {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: start the world with scripts/browser-tests`)
  return value
}
