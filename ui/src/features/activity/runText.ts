// A run in words: what caused it, what it did, and how that stands.

import type { JournalRun } from '../../host/contract'
import type { Translate } from '../../i18n/translate'
import type { IconName } from '../../components/icons'

export const RUN_ICONS: Record<JournalRun['cause'], IconName> = {
  you: 'edit',
  booking: 'bookings',
  undo: 'undo',
  block: 'copy',
  removal: 'trash',
}

export const sizeOf = (run: JournalRun): number => run.created + run.changed + run.deleted

/** The counts that are not zero: "6 added · 2 changed". */
export function countsOf(run: JournalRun, t: Translate): string[] {
  return (['created', 'changed', 'deleted'] as const)
    .filter((what) => run[what] > 0)
    .map((what) => t(`run.${what}`, { n: run[what] }))
}

export interface RunState {
  text: string
  tone: 'plain' | 'good' | 'warn' | 'bad'
}

/** The one thing to know about it: what went wrong before what is under way before what is done. */
export function stateOf(run: JournalRun, t: Translate): RunState {
  const size = sizeOf(run)
  if (run.undone === size) return { text: t('entry.undone'), tone: 'plain' }
  const part = (n: number, all: string, some: string) => (n === size ? all : some)
  if (run.refused > 0)
    return { text: part(run.refused, t('entry.refused'), t('run.refused', { n: run.refused })), tone: 'bad' }
  if (run.waiting > 0)
    return {
      text: part(run.waiting, t('entry.waiting'), t('run.waiting', { n: run.waiting })),
      tone: 'plain',
    }
  if (run.undone > 0) return { text: t('run.undone', { n: run.undone }), tone: 'plain' }
  return { text: t('entry.sent'), tone: 'good' }
}
