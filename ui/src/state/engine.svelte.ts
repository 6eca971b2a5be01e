// The window's end of the contract: calls, cached answers, and notices that make them stale.

import type { Notice } from '../host/contract'
import { asTrouble, type Answer, type CallName, type Host, type Payload, type Trouble } from '../host/host'
import { Queries, type Query, type ReadName } from './queries'

export class Engine {
  readonly #host: Host
  #lastChange: number | undefined
  #onNow: (now: string) => void = () => {}
  readonly queries: Queries
  /** Nobody answers; the stream is being tried again. */
  lost = $state(false)

  constructor(host: Host) {
    this.#host = host
    this.queries = new Queries((name, payload) => this.#read(name, payload))
  }

  get inBrowser(): boolean {
    return this.#host.inBrowser
  }

  /** Puts a file where files go; see the host. */
  save(fileName: string, text: string): Promise<string | null> {
    return this.#host.save(fileName, text)
  }

  /** Told the time whenever an answer carries it. */
  onNow(listener: (now: string) => void) {
    this.#onNow = listener
  }

  call<N extends CallName>(name: N, payload: Payload<N>): Promise<Answer<N>> {
    return this.#host.rpc(name, payload)
  }

  /** A call whose failure is part of the answer. */
  async attempt<N extends CallName>(
    name: N,
    payload: Payload<N>,
  ): Promise<{ answer: Answer<N> } | { trouble: Trouble }> {
    try {
      return { answer: await this.call(name, payload) }
    } catch (thrown) {
      return { trouble: asTrouble(thrown) }
    }
  }

  read<N extends ReadName>(name: N, payload: Payload<N>): Query<N> {
    return this.queries.get(name, payload)
  }

  /** Follows the notices; returns the function that ends it. */
  follow(): () => void {
    return this.#host.listen({
      notice: (notice) => this.#notice(notice),
      opened: () => this.#opened(),
      lost: () => (this.lost = true),
    })
  }

  async #read<N extends ReadName>(name: N, payload: Payload<N>): Promise<Answer<N>> {
    const answer = await this.call(name, payload)
    if (typeof answer === 'object' && answer !== null && 'now' in answer) this.#onNow(answer.now)
    return answer
  }

  #opened() {
    this.lost = false
    this.#lastChange = undefined
    // Whatever was answered before the stream stood may have changed unheard.
    void this.queries.invalidateAll()
  }

  #notice(notice: Notice) {
    const gap = this.#lastChange !== undefined && notice.change !== this.#lastChange + 1
    this.#lastChange = notice.change
    void (gap ? this.queries.invalidateAll() : this.queries.invalidate(notice.tags))
  }
}
