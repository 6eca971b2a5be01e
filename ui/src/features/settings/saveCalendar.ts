// A calendar as a file: the engine writes it, the host puts it where files go.

import type { Calendar } from '../../host/contract'
import { asTrouble } from '../../host/host'
import type { Session } from '../../state/session.svelte'

export async function saveCalendar(session: Session, { id, name }: Calendar) {
  const { engine, toasts, t } = session
  const asked = await engine.attempt('export_calendar', { calendar: id })
  if ('trouble' in asked) return session.fail(asked.trouble)
  try {
    const place = await engine.save(asked.answer.file_name, asked.answer.text)
    toasts.say(place === null ? t('export.saved', { name }) : t('export.savedAt', { place }))
  } catch (thrown) {
    session.fail(asTrouble(thrown))
  }
}
