// The words on a conflict's buttons, and what they do.

import type { Conflict, ConflictChoice } from '../../host/contract'
import type { Trouble } from '../../host/host'
import { doneText } from '../../state/lost'
import type { Session } from '../../state/session.svelte'
import { dayOf } from '../../state/wall'

export function choiceText(conflict: Conflict, choice: ConflictChoice, { t, dates }: Session): string {
  if (choice === 'both') return t('conflict.both')
  const times = onlyTimes(conflict)
  if (!times) return t(`conflict.${conflict.kind}.${choice}`)
  return choice === 'mine'
    ? t('conflict.keepTime', { time: dates.time(times.mine) })
    : t('conflict.takeTime', { time: dates.time(times.theirs) })
}

/** Both starts, where two times on one day are all that differs: then they name the choice best. */
function onlyTimes({ kind, differences }: Conflict): { mine: string; theirs: string } | null {
  const [only, ...others] = differences
  if (kind !== 'both_changed' || others.length > 0) return null
  if (only?.mine.kind !== 'when' || only.theirs.kind !== 'when') return null
  const [mine, theirs] = [only.mine.when, only.theirs.when]
  const told = !mine.all_day && !theirs.all_day && mine.start !== theirs.start
  return told && dayOf(mine.start) === dayOf(theirs.start) ? { mine: mine.start, theirs: theirs.start } : null
}

/** Says which side stays. Answers with what stood in the way, if anything did. */
export async function settle(
  session: Session,
  { id, version }: Conflict,
  choice: ConflictChoice,
): Promise<Trouble | null> {
  const { engine, edits, toasts, t } = session
  const asked = await engine.attempt('resolve_conflict', { conflict: id, version, choice })
  if ('answer' in asked) {
    const { journal, lost } = asked.answer
    const text = doneText(t('conflict.settled'), lost, 'lost', t)
    toasts.say(text, { label: t('edit.undo'), run: () => void edits.undo(journal) })
  }
  await engine.queries.invalidate(['conflicts', 'schedule', 'journal', 'health'])
  return 'trouble' in asked ? asked.trouble : null
}
