// What the window may ask of whatever runs the engine, said once for all hosts.

import type { Calls, Notice, Problem } from './contract'

export type CallName = keyof Calls
export type Payload<N extends CallName> = Calls[N]['payload']
export type Answer<N extends CallName> = Calls[N]['answer']

/** A problem as the engine words it, or one that only the window can see: nobody answers, or nobody lets it in. */
export type Trouble = Omit<Problem, 'code'> & { code: Problem['code'] | 'unreachable' | 'locked' }

export interface NoticeSink {
  notice(notice: Notice): void
  /** The stream (re)opened after a break, so notices may be missing. */
  opened(): void
  lost(): void
}

export interface Host {
  /** Rejects with `Trouble` only. */
  rpc<N extends CallName>(name: N, payload: Payload<N>): Promise<Answer<N>>
  /** Puts a file where files go. Says where that is, or `null` where the browser says so itself. Rejects with `Trouble`. */
  save(fileName: string, text: string): Promise<string | null>
  /** Returns the function that ends the stream. */
  listen(sink: NoticeSink): () => void
  /**
   * Whether the window is a page of the person's own browser: links open tabs, and the browser knows what they read. The
   * desktop window leaves both to the engine.
   */
  readonly inBrowser: boolean
}

export const unreachable = (message: string): Trouble => ({ code: 'unreachable', message, params: {} })

export const locked = (): Trouble => ({ code: 'locked', message: 'the address was used before', params: {} })

/** Recognises the engine's problem in what a host threw; anything else means that nobody answered properly. */
export function asTrouble(thrown: unknown): Trouble {
  if (isTrouble(thrown)) return { ...thrown, params: thrown.params ?? {} }
  return unreachable(thrown instanceof Error ? thrown.message : String(thrown))
}

function isTrouble(value: unknown): value is Trouble {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value
}
