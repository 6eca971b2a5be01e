// Saving the public page, and what its form can get wrong before anything is sent.

import type { AppointmentType, PageSettings } from '../../host/contract'
import type { PlainKey } from '../../i18n/translate'
import type { Session } from '../../state/session.svelte'

export async function savePage(session: Session, settings: PageSettings): Promise<boolean> {
  const asked = await session.engine.attempt('set_page', settings)
  if ('trouble' in asked) {
    session.fail(asked.trouble)
    return false
  }
  await session.engine.queries.invalidate(['page'])
  return true
}

export type Numbers = {
  [K in keyof AppointmentType]: AppointmentType[K] extends number ? K : never
}[keyof AppointmentType]

/** What is allowed, in the units of the contract. The engine has the last word. */
export const LIMITS: Record<Numbers, readonly [low: number, high: number]> = {
  length_min: [5, 1440],
  step_min: [5, 1440],
  buffer_before_min: [0, 480],
  buffer_after_min: [0, 480],
  notice_min: [0, 43_200],
  window_days: [1, 365],
  cancel_cutoff_min: [0, 43_200],
}

export const isAllowed = (key: Numbers, value: number): boolean => {
  const [low, high] = LIMITS[key]
  return Number.isInteger(value) && value >= low && value <= high
}

export const numbersFit = (type: AppointmentType): boolean =>
  (Object.keys(LIMITS) as Numbers[]).every((key) => isAllowed(key, type[key]))

/** What the texts lack; the fields of numbers say themselves what they take. */
export type Faults = Partial<Record<'name' | 'place_detail', PlainKey>>

export function faultsOf(type: AppointmentType): Faults {
  const faults: Faults = {}
  if (!type.name.trim()) faults.name = 'page.nameMissing'
  const needsDetail = type.place === 'fixed' || type.place === 'video'
  if (needsDetail && !type.place_detail.trim()) faults.place_detail = 'page.placeMissing'
  return faults
}
