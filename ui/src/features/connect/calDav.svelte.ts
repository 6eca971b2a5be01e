// What is typed to connect a CalDAV account, and what the person agrees to on the way there.

import type { ConnectCalDav } from '../../host/contract'
import type { Trouble } from '../../host/host'
import type { Engine } from '../../state/engine.svelte'
import { ADDRESSES, type Server } from './servers'

export class CalDavForm {
  readonly #engine: Engine
  /** The account whose password changed; `null` for a new one. */
  readonly account: number | null
  server = $state<Server>('icloud')
  address = $state('')
  username = $state('')
  password = $state('')
  busy = $state(false)
  trouble = $state.raw<Trouble | null>(null)
  /** A known account is looked for where it was, unless nobody knows any more where that is. */
  asksAddress = $state(false)
  #plain = false
  #servers: string[] = []

  constructor(engine: Engine, account: number | null) {
    this.#engine = engine
    this.account = account
    this.asksAddress = account === null
  }

  get fixed(): string | undefined {
    return this.account === null ? ADDRESSES[this.server] : undefined
  }

  get ready(): boolean {
    const place = !this.asksAddress || this.fixed !== undefined || this.address.trim() !== ''
    return place && this.password !== ''
  }

  /** What the server at hand was agreed to holds for no other one. */
  choose(server: Server) {
    this.server = server
    this.moved()
  }

  moved() {
    this.trouble = null
    this.#plain = false
    this.#servers = []
  }

  /** What has to be agreed to before it can go on. */
  get question(): 'plain_http' | 'other_server' | null {
    const code = this.trouble?.code
    return code === 'plain_http' || code === 'other_server' ? code : null
  }

  #agree() {
    const server = this.trouble?.params['server']
    if (this.question === 'plain_http') this.#plain = true
    if (this.question === 'other_server' && server) this.#servers.push(server)
  }

  /** The account's number once it is connected. */
  async connect(): Promise<number | null> {
    if (!this.ready || this.busy) return null
    this.#agree()
    this.busy = true
    const asked = await this.#engine.attempt('connect_caldav', this.#ask())
    this.busy = false
    this.trouble = 'trouble' in asked ? asked.trouble : null
    if (this.account !== null && this.trouble?.code === 'bad_address') this.asksAddress = true
    if (!('answer' in asked)) return null
    this.password = ''
    return asked.answer.account
  }

  #ask(): ConnectCalDav {
    return {
      address_or_url: this.fixed ?? (this.asksAddress ? this.address.trim() : ''),
      username: this.username.trim(),
      password: this.password,
      allow_http: this.#plain,
      servers: this.#servers,
      account: this.account,
    }
  }
}
