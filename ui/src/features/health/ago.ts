// How long ago, in words that stay true for a while.

import type { Translate } from '../../i18n/translate'

export function ago(seconds: number, t: Translate): string {
  if (seconds < 90) return t('ago.now')
  if (seconds < 3600) return t('ago.minutes', { n: Math.round(seconds / 60) })
  if (seconds < 86_400) return t('ago.hours', { n: Math.round(seconds / 3600) })
  return t('ago.days', { n: Math.round(seconds / 86_400) })
}
