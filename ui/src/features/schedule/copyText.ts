// How copies of busy times are spoken of.

import type { Item } from '../../host/contract'
import type { Translate } from '../../i18n/translate'

/** A copy that tells nothing, and a time of which nothing else is shown, are called so in the person's language. */
export function titleOf(item: Item, t: Translate): string {
  if (item.block && item.block.title === null) return t('look.busy')
  if (item.private && !item.title) return t('look.busy')
  return item.title || t('event.untitled')
}

/** What an item is a copy of. */
export function sourceText({ block }: Item, t: Translate): string {
  if (!block) return ''
  const { calendar, title } = block
  return title ? t('copy.ofTitle', { title, calendar }) : t('copy.of', { calendar })
}

/** Where copies of an item stand. */
export const copiesText = (calendars: readonly string[], t: Translate): string =>
  calendars.length > 0 ? t('copy.busyOn', { calendars: calendars.join(', ') }) : ''
