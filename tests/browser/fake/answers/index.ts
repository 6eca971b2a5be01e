// All of the fake's answers, each call answered in one place.

import type { Fake } from '../calls'
import type { World } from '../world'
import { accountAnswers } from './accounts'
import { connectAnswers } from './connect'
import { journalAnswers } from './journal'
import { scheduleAnswers } from './schedule'
import { secretsAnswers } from './secrets'
import { wholeAnswers } from './whole'

export function answersOf(world: World): Fake {
  const parts = [
    scheduleAnswers(world),
    journalAnswers(world),
    connectAnswers(world),
    accountAnswers(world),
    wholeAnswers(world),
    secretsAnswers(world),
  ] as const
  const names = parts.flatMap((part) => Object.keys(part))
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice) throw new Error(`${twice} is answered twice`)
  const [schedule, journal, connect, accounts, whole, secrets] = parts
  return { ...schedule, ...journal, ...connect, ...accounts, ...whole, ...secrets }
}
