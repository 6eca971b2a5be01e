import { describe, expect, it } from 'vitest'
import type { PageSettings } from '../src/host/contract'
import { PageEdit } from '../src/state/pageEdit.svelte'

const kept = (more: Partial<PageSettings> = {}, length_min = 60): PageSettings => ({
  on: true,
  approval: false,
  calendar: 2,
  appointment: {
    name: 'Home assessment',
    description: '',
    length_min,
    place: 'phone',
    place_detail: '',
    step_min: 15,
    buffer_before_min: 15,
    buffer_after_min: 15,
    notice_min: 1440,
    window_days: 30,
    cancel_cutoff_min: 1440,
  },
  ...more,
})
const long = (settings: PageSettings, length_min: number) => ({
  appointment: { ...settings.appointment, length_min },
})

describe('an unsaved change of the page', () => {
  it('stays on top of what is saved elsewhere, and the untouched fields follow', () => {
    const edit = new PageEdit()
    edit.set(kept(), long(kept(), 45))
    edit.set(kept(), { approval: true })
    const elsewhere = kept({ on: false, calendar: 3 }, 90)
    elsewhere.appointment.name = 'Fitting'
    const shown = edit.over(elsewhere)
    expect(shown).toMatchObject({ on: false, calendar: 3, approval: true })
    expect(shown.appointment).toEqual({ ...elsewhere.appointment, length_min: 45 })
  })

  it('is none once the field says again what is saved', () => {
    const edit = new PageEdit()
    edit.set(kept(), long(kept(), 45))
    edit.set(kept(), long(kept(), 60))
    expect(edit.over(kept({}, 90))).toEqual(kept({}, 90))
  })

  it('ends when it is discarded', () => {
    const edit = new PageEdit()
    edit.set(kept(), { approval: true })
    edit.discard()
    expect(edit.over(kept())).toEqual(kept())
  })

  it('ends when it is saved, but for what was changed again meanwhile', () => {
    const edit = new PageEdit()
    edit.set(kept(), long(kept(), 45))
    const off = kept({ on: false })
    const sent = edit.over(off)
    edit.set(off, { approval: true })
    edit.saved(sent)
    expect(edit.over(kept({}, 50))).toEqual(kept({ approval: true }, 50))
  })

  it('leaves nothing behind of what was switched elsewhere before it was saved', () => {
    const edit = new PageEdit()
    edit.set(kept(), long(kept(), 45))
    edit.saved(edit.over(kept({ on: false })))
    expect(edit.over(kept({}, 45))).toEqual(kept({}, 45))
    expect(edit.over(kept({ on: false }, 45))).toEqual(kept({ on: false }, 45))
  })

  it('may be no number, and is kept as that', () => {
    const edit = new PageEdit()
    edit.set(kept(), long(kept(), Number.NaN))
    expect(edit.over(kept({}, 90)).appointment.length_min).toBeNaN()
  })
})
