// Conflicts in the fake engine: what was changed here and elsewhere.

import type { Card, Conflict, Said, Side, When } from '../../../ui/src/host/contract'
import { present } from './calls'
import type { Kept } from './seed'

type Told = Omit<Conflict, 'id' | 'version' | 'event' | 'calendar' | 'found'>

const at = (day: string, start: string, end: string): When => ({
  start: `2026-03-${day}T${start}:00`,
  end: `2026-03-${day}T${end}:00`,
  all_day: false,
})
const side = (title: string, when: When, more: Partial<Side> = {}): Side => ({
  deleted: false,
  title,
  when,
  changed_at: '2026-03-04T11:30:00',
  ...more,
})
const text = (text: string): Said => ({ kind: 'text', text })
const when = (when: When): Said => ({ kind: 'when', when })

/** Marks the events that they are about, too. */
export function conflictsOf(events: Kept[]): Conflict[] {
  const about = (id: number, title: string, more: Told): Conflict => {
    const { item } = present(events.find((it) => it.item.title === title))
    item.conflict = id
    item.sending = 'waiting'
    return {
      id,
      version: 1,
      event: item.event,
      calendar: item.calendar,
      found: '2026-03-04T11:31:00',
      ...more,
    }
  }
  const call = 'Supplier call'
  const [here, there] = [at('03', '11:00', '12:00'), at('03', '11:30', '12:30')]
  const review = 'Route review'
  const morning = at('06', '10:00', '12:00')
  return [
    about(51, call, {
      kind: 'both_changed',
      calendar_name: 'Maya',
      account_address: 'maya.okafor@gmail.com',
      mine: side(call, here),
      theirs: side(call, there),
      differences: [{ field: 'when', mine: when(here), theirs: when(there) }],
      choices: ['mine', 'theirs', 'both'],
    }),
    about(52, review, {
      kind: 'deleted_here',
      calendar_name: 'Northcare',
      account_address: 'maya@northcare.ca',
      mine: side(review, morning, { deleted: true }),
      theirs: side('Route review, with Léa', morning),
      differences: [
        {
          field: 'title',
          mine: text(review),
          theirs: text('Route review, with Léa'),
        },
        { field: 'location', mine: text(''), theirs: text('Depot 4') },
      ],
      choices: ['mine', 'theirs'],
    }),
  ]
}

export const conflictCards = (conflicts: Conflict[]): Card[] =>
  conflicts.map((it) => ({
    id: `c${it.id}`,
    severity: 'attention',
    code: 'conflict',
    message: 'conflict',
    params: { title: it.mine.title },
    events: [],
    remedies: [{ kind: 'open_conflict', conflict: it.id }],
  }))
