// From a place on the schedule, or an event on it, to a draft in the editor, and from the draft to a call.

import { LONGEST, type ChangeEvent, type EventDetail, type NewEvent } from '../host/contract'
import type { Session } from './session.svelte'
import type { Draft } from './ui.svelte'
import { addDays, addMinutes, at, dayOf, midnight, minutesBetween, roundUp, type Wall } from './wall'

export type Text = keyof typeof LONGEST

const FIRST_LENGTH_MIN = 60
const STEP_MIN = 15

export function newDraft(session: Session, start: Wall, end: Wall, allDay: boolean): Draft | null {
  const calendar = homeCalendar(session)
  if (calendar === null) return null
  const text = { title: '', location: '', description: '' }
  return { event: null, ...text, calendar, start, end, all_day: allDay, free: false, repeats: false }
}

/** A draft for "New visit": the next full quarter of today, or nine o'clock of the day on screen. */
export function nextDraft(session: Session): Draft | null {
  const { clock, schedule } = session
  const start = schedule.current
    ? roundUp(clock.now, STEP_MIN)
    : at(schedule.days[0] ?? schedule.anchor, '09:00')
  return newDraft(session, start, addMinutes(start, FIRST_LENGTH_MIN), false)
}

export function draftOf(detail: EventDetail): Draft {
  const { item, description } = detail
  const { event, title, location, calendar, start, end, all_day, repeats } = item
  const free = item.look === 'free'
  return { event, title, location, description, calendar, start, end, all_day, free, repeats }
}

/** The calendar that new events go to: a primary one before the others. */
function homeCalendar({ calendars }: Session): number | null {
  const shown = calendars.writable.filter((calendar) => calendar.shown)
  const choice = shown.find((c) => c.primary) ?? shown[0] ?? calendars.writable[0]
  return choice?.id ?? null
}

/** Moves the end along when the start moves, as people expect it. */
export function withStart(draft: Draft, start: Wall): Draft {
  return { ...draft, start, end: addMinutes(start, minutesBetween(draft.start, draft.end)) }
}

export function withAllDay(draft: Draft, allDay: boolean): Draft {
  if (allDay === draft.all_day) return draft
  if (allDay) {
    const lastMinute = addMinutes(draft.end, -1)
    const last = lastMinute < draft.start ? draft.start : lastMinute
    return {
      ...draft,
      all_day: true,
      start: midnight(dayOf(draft.start)),
      end: midnight(addDays(dayOf(last), 1)),
    }
  }
  const start = at(dayOf(draft.start), '09:00')
  return { ...draft, all_day: false, start, end: addMinutes(start, FIRST_LENGTH_MIN) }
}

/** By how many characters each text is longer than the engine takes. One that was so before is not asked about. */
export function tooLong(before: Draft, now: Draft): Record<Text, number> {
  const over = (text: Text) =>
    before.event !== null && before[text] === now[text]
      ? 0
      : // As the engine counts: an emoji of one code point is one character.
        Math.max(0, [...now[text]].length - LONGEST[text])
  return { title: over('title'), location: over('location'), description: over('description') }
}

/** An end before its start is the one thing a draft can get wrong. */
export const endsTooEarly = (draft: Draft): boolean =>
  draft.all_day ? draft.end <= draft.start : draft.end < draft.start

export function asNewEvent(draft: Draft): NewEvent {
  const { calendar, title, location, description, free } = draft
  return { calendar, title: title.trim(), location: location.trim(), description, free, when: whenOf(draft) }
}

/** Only what differs is sent, so that an edit elsewhere of another field survives. `null` when nothing does. */
export function changeBetween(before: Draft, after: Draft): Omit<ChangeEvent, 'event'> | null {
  const changed = <K extends keyof Draft>(key: K) => (before[key] === after[key] ? null : after[key])
  const moved = before.start !== after.start || before.end !== after.end || before.all_day !== after.all_day
  const change = {
    title: changed('title'),
    location: changed('location'),
    description: changed('description'),
    free: changed('free'),
    when: moved ? whenOf(after) : null,
  }
  return Object.values(change).every((value) => value === null) ? null : change
}

const whenOf = ({ start, end, all_day }: Draft) => ({ start, end, all_day })
