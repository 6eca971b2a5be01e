import { afterEach, describe, expect, it, vi } from 'vitest'
import { HttpHost, openSession, takeToken } from '../src/host/http'
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

describe('the address', () => {
  const heard: string[] = []
  const history = {
    replaceState: (_: unknown, __: string, url: string) => heard.push(url),
  } as unknown as History
  const at = (hash: string) => ({ hash, pathname: '/', search: '' }) as Location

  it('loses its token as soon as it is read', () => {
    expect(takeToken(at('#token=a%2Bb'), history)).toBe('a+b')
    expect(heard).toEqual(['/'])
    expect(takeToken(at('#/bookings'), history)).toBeNull()
    expect(heard).toHaveLength(1)
  })
})

describe('the session', () => {
  const storage = () => {
    const kept = new Map<string, string>()
    return {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    } as Storage
  }
  afterEach(() => vi.unstubAllGlobals())

  it('is given for a token once, and survives a reload', async () => {
    const tab = storage()
    const doors = vi.fn((_: string, asked: RequestInit) => {
      const fits = JSON.stringify(asked.headers).includes('Bearer a+b')
      return Promise.resolve(new Response('"kept"', { status: fits ? 200 : 401 }))
    })
    vi.stubGlobal('fetch', doors)
    expect(await openSession('a+b', tab)).toBe('kept')
    expect(await openSession(null, tab)).toBe('kept')
    expect(doors).toHaveBeenCalledTimes(1)
    expect(await openSession('used', tab), 'a used address in a tab that is open').toBe('kept')
    expect(await openSession('used', storage())).toBe('')
  })

  it('that is missing is said with what to do', async () => {
    vi.stubGlobal('fetch', () => Promise.resolve(new Response(null, { status: 401 })))
    await expect(new HttpHost('').rpc('boot', null)).rejects.toMatchObject({ code: 'locked' })
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
