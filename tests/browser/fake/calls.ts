// What the fake engine is held to: the engine's own list of calls, each answered once and by its own types.

import type { Calls, Problem, ProblemCode } from '../../../ui/src/host/contract'

export type CallName = keyof Calls

/** An answer for every call. A call that the engine gains, loses or renames breaks it. */
export type Fake = { [N in CallName]: (payload: Calls[N]['payload']) => Calls[N]['answer'] }

/** The part of the calls that one file answers. */
export type Part<N extends CallName> = Pick<Fake, N>

export class Refusal extends Error {
  readonly problem: Problem

  constructor(code: ProblemCode, message: string = code, params: Problem['params'] = {}) {
    super(message)
    this.problem = { code, message, params }
  }
}

/** What is there, or the engine's word for what is not. */
export function present<T>(found: T | null | undefined): T {
  if (found === null || found === undefined) throw new Refusal('not_found')
  return found
}
