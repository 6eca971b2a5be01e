import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { english } from '../src/i18n/english'

/** What the engine says that a card of each kind carries: the contract's own comments. */
function carried(): Map<string, string[]> {
  const source = readFileSync(new URL('../../crates/engine/src/api/health.rs', import.meta.url), 'utf8')
  const body = /enum CardCode \{\n(.*?)\n\}/s.exec(source)?.[1] ?? ''
  const kinds = [...body.matchAll(/((?:[ ]*\/\/\/[^\n]*\n)*)[ ]+(\w+),/g)]
  return new Map(
    kinds.map(([, comment = '', name = '']) => {
      const params = /params:(.*)/s.exec(comment)?.[1] ?? ''
      return [snake(name), [...params.matchAll(/`(\w+)`/g)].map(([, param = '']) => param)]
    }),
  )
}

const snake = (name: string) => name.replace(/(?!^)[A-Z]/g, '_$&').toLowerCase()

const named = (key: string): string[] =>
  [...JSON.stringify(english[key as keyof typeof english] ?? '').matchAll(/\{(\w+)\}/g)].map(
    ([, name = '']) => name,
  )

describe('the sentence of a card', () => {
  const kinds = carried()

  it('is there for every kind of card', () => {
    const spoken = Object.keys(english).filter((key) => key.startsWith('card.'))
    expect([...kinds.keys()].map((kind) => `card.${kind}`).sort()).toEqual(spoken.sort())
  })

  it('mentions nothing that its card does not carry', () => {
    for (const [kind, params] of kinds) {
      const missing = named(`card.${kind}`).filter((name) => name !== 'n' && !params.includes(name))
      expect([kind, missing]).toEqual([kind, []])
    }
  })
})
