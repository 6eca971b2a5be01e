// The loopback host: the same calls over HTTP. The address carries a token that opens one session; the session holds as
// long as the host runs, and its tab keeps it.

import type { Notice } from './contract'
import {
  asTrouble,
  locked,
  unreachable,
  type Answer,
  type CallName,
  type Host,
  type NoticeSink,
  type Payload,
} from './host'
import { EventStreamParser } from './sse'

const SESSION_KEY = 'daymark-session'
const UNAUTHORIZED = 401
const RETRY_FIRST_MS = 500
const RETRY_MAX_MS = 15_000

/** Takes the token out of the address, so that it is neither bookmarked nor seen over a shoulder. */
export function takeToken(location: Location, history: History): string | null {
  const found = /(?:^#|&)token=([^&]+)/.exec(location.hash)
  if (!found?.[1]) return null
  history.replaceState(null, '', location.pathname + location.search)
  return decodeURIComponent(found[1])
}

/** The tab's session: a new one for the address's token, else the one that an earlier load of this tab got. */
export async function openSession(token: string | null, storage: Storage): Promise<string> {
  const opened = token && (await exchange(token))
  if (opened) storage.setItem(SESSION_KEY, opened)
  return storage.getItem(SESSION_KEY) ?? ''
}

async function exchange(token: string): Promise<string | null> {
  const headers = { Authorization: `Bearer ${token}` }
  const response = await fetch('./session', { method: 'POST', headers }).catch(() => null)
  return response?.ok ? ((await response.json()) as string) : null
}

export class HttpHost implements Host {
  readonly inBrowser = true
  readonly #session: string

  constructor(session: string) {
    this.#session = session
  }

  async rpc<N extends CallName>(name: N, payload: Payload<N>): Promise<Answer<N>> {
    let response: Response
    try {
      response = await fetch('./rpc', {
        method: 'POST',
        headers: { ...this.#headers(), 'Content-Type': 'application/json' },
        body: JSON.stringify({ name, payload }),
      })
    } catch (thrown) {
      throw asTrouble(thrown)
    }
    const answer: unknown = await response.json().catch(() => undefined)
    if (response.ok) return answer as Answer<N>
    if (response.status === UNAUTHORIZED) throw locked()
    throw answer === undefined ? unreachable(`the host answered ${response.status}`) : asTrouble(answer)
  }

  save(fileName: string, text: string): Promise<null> {
    const url = URL.createObjectURL(new Blob([text], { type: 'text/calendar' }))
    const link = document.createElement('a')
    link.href = url
    link.download = fileName
    link.click()
    // The browser has taken what it needs once the click is over.
    setTimeout(() => URL.revokeObjectURL(url))
    return Promise.resolve(null)
  }

  listen(sink: NoticeSink): () => void {
    const ended = new AbortController()
    void this.#follow(sink, ended.signal)
    return () => ended.abort()
  }

  async #follow(sink: NoticeSink, signal: AbortSignal) {
    let retryMs = RETRY_FIRST_MS
    while (!signal.aborted) {
      try {
        await this.#stream(sink, signal, () => (retryMs = RETRY_FIRST_MS))
      } catch {
        // A broken stream and a refused one end the same way: say so and try again.
      }
      if (signal.aborted) return
      sink.lost()
      await new Promise((resume) => setTimeout(resume, retryMs))
      retryMs = Math.min(retryMs * 2, RETRY_MAX_MS)
    }
  }

  async #stream(sink: NoticeSink, signal: AbortSignal, opened: () => void) {
    const response = await fetch('./notices', { headers: this.#headers(), signal, cache: 'no-store' })
    if (!response.ok || !response.body) throw unreachable(`the host answered ${response.status}`)
    opened()
    sink.opened()
    const parser = new EventStreamParser()
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      for (const data of parser.push(read.value)) sink.notice(JSON.parse(data) as Notice)
    }
  }

  #headers(): Record<string, string> {
    return { Authorization: `Bearer ${this.#session}` }
  }
}
