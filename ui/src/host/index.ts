// Chooses the host by where the window runs.

import type { Host } from './host'
import { HttpHost, openSession, takeToken } from './http'

export async function pickHost(): Promise<Host> {
  if ('__TAURI_INTERNALS__' in window) {
    const { TauriHost } = await import('./tauri')
    return new TauriHost()
  }
  return new HttpHost(await openSession(takeToken(location, history), sessionStorage))
}
