// Going to an event: its day comes on screen, and what it is stands open.

import type { Item } from '../host/contract'
import type { Session } from './session.svelte'
import { dayOf } from './wall'

export function goTo({ router, ui }: Session, item: Item) {
  router.show(router.span, dayOf(item.start))
  ui.open({ kind: 'detail', item, anchor: null })
}
