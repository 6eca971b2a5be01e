import { afterEach, describe, expect, it, vi } from 'vitest'
import { Toasts } from '../src/state/toasts.svelte'

const texts = (toasts: Toasts) => toasts.shown.map((toast) => toast.text)

describe('toasts', () => {
  afterEach(() => void vi.useRealTimers())

  it('give way to the next word about the same thing, and to nothing else', () => {
    const toasts = new Toasts()
    toasts.say('Deleted', { label: 'Undo', run: () => {} }, 'the last edit')
    toasts.say('Sync began')
    toasts.say('Taken back', null, 'the last edit')
    expect(texts(toasts)).toEqual(['Sync began', 'Taken back'])
    expect(toasts.shown.some((toast) => toast.action)).toBe(false)
  })

  it('do not repeat themselves', () => {
    const toasts = new Toasts()
    for (let n = 0; n < 3; n++) toasts.warn('The calendar is read-only')
    expect(texts(toasts)).toEqual(['The calendar is read-only'])
  })

  it('stay their time from the last word on', () => {
    vi.useFakeTimers()
    const toasts = new Toasts()
    toasts.say('Moved', null, 'the last edit')
    vi.advanceTimersByTime(6_000)
    toasts.say('Deleted', null, 'the last edit')
    vi.advanceTimersByTime(6_000)
    expect(texts(toasts)).toEqual(['Deleted'])
    vi.advanceTimersByTime(6_000)
    expect(texts(toasts)).toEqual([])
  })
})
