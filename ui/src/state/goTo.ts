// Going to an event: its day comes on screen, and what it is stands open.

import type { Item } from '../host/contract'
import type { Session } from './session.svelte'
import { dayOf, weekdayOf } from './wall'

export function goTo({ router, schedule, ui }: Session, item: Item) {
  const day = dayOf(item.start)
  const { span } = router
  router.show(span, day)
  // A week without its weekend does not show a Saturday.
  if (schedule.hiddenDays.includes(weekdayOf(day))) router.show('day', day)
  ui.open({ kind: 'detail', item, anchor: null })
}
