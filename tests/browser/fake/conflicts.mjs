// Conflicts in the fake engine: what was changed here and elsewhere.

const at = (day, start, end) => ({
  start: `2026-03-${day}T${start}:00`,
  end: `2026-03-${day}T${end}:00`,
  all_day: false,
})
const side = (title, when, more = {}) => ({
  deleted: false,
  title,
  when,
  changed_at: '2026-03-04T11:30:00',
  ...more,
})
const text = (text) => ({ kind: 'text', text })
const when = (when) => ({ kind: 'when', when })

/** Marks the events that they are about, too. */
export function conflictsOf(events) {
  const about = (id, title, more) => {
    const { item } = events.find((it) => it.item.title === title)
    Object.assign(item, { conflict: id, sending: 'waiting' })
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

export const conflictCards = (conflicts) =>
  conflicts.map((it) => ({
    id: `c${it.id}`,
    severity: 'attention',
    code: 'conflict',
    message: 'conflict',
    params: { title: it.mine.title },
    events: [],
    remedies: [{ kind: 'open_conflict', conflict: it.id }],
  }))
