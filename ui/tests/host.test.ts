import { describe, expect, it } from 'vitest'
import { takeToken } from '../src/host/http'
import { asTrouble } from '../src/host/host'
import { EventStreamParser } from '../src/host/sse'

describe('the event stream', () => {
  it('finds events however the bytes are cut', () => {
    const text = ': open\n\ndata: {"change":1}\n\nevent: notice\ndata: {"change":\ndata: 2}\r\n\r\n'
    for (let size = 1; size < text.length; size++) {
      const parser = new EventStreamParser()
      const found: string[] = []
      for (let at = 0; at < text.length; at += size) found.push(...parser.push(text.slice(at, at + size)))
      expect(found.map((data) => JSON.parse(data))).toEqual([{ change: 1 }, { change: 2 }])
    }
  })
})

describe('the token', () => {
  const storage = () => {
    const kept = new Map<string, string>()
    return {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    } as Storage
  }

  it('leaves the address as soon as it is read, and survives a reload', () => {
    const kept = storage()
    const seen: string[] = []
    const history = {
      replaceState: (_: unknown, __: string, url: string) => seen.push(url),
    } as unknown as History
    expect(takeToken({ hash: '#token=a%2Bb', pathname: '/', search: '' } as Location, kept, history)).toBe(
      'a+b',
    )
    expect(seen).toEqual(['/'])
    expect(takeToken({ hash: '#/bookings', pathname: '/', search: '' } as Location, kept, history)).toBe(
      'a+b',
    )
    expect(seen).toHaveLength(1)
  })
})

describe('what a host throws', () => {
  it('is the engine’s problem where it is one, and silence otherwise', () => {
    expect(asTrouble({ code: 'read_only', message: 'no', params: {} }).code).toBe('read_only')
    expect(asTrouble(new TypeError('Failed to fetch'))).toEqual({
      code: 'unreachable',
      message: 'Failed to fetch',
      params: {},
    })
  })
})
