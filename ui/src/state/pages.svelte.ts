// A long list that is asked for in pages, each beginning below the last of the one before. What arrives at the top
// moves all later pages; until they are answered anew, what is known of them stays in sight.

type Ask<T> = (limit: number, before: number | null) => readonly T[] | undefined

export class Pages<T> {
  readonly #size: number
  readonly #ask: Ask<T>
  readonly #idOf: (item: T) => number
  #count = $state(1)
  #known: readonly T[] = []

  constructor(size: number, ask: Ask<T>, idOf: (item: T) => number) {
    this.#size = size
    this.#ask = ask
    this.#idOf = idOf
  }

  readonly #answered = $derived.by(() => this.#follow())

  /** `undefined` until the first answer. */
  readonly items: readonly T[] | undefined = $derived.by(() => {
    const { items, whole } = this.#answered
    this.#known = whole ? items : withKnown(items, this.#known, this.#idOf)
    return whole || this.#known.length > 0 ? this.#known : undefined
  })

  /** There may be older ones. */
  readonly more: boolean = $derived.by(() => this.#answered.more)

  grow() {
    this.#count += 1
  }

  #follow(): { items: readonly T[]; whole: boolean; more: boolean } {
    const items: T[] = []
    for (let page = 0; page < this.#count; page++) {
      const last = items.at(-1)
      const answer = this.#ask(this.#size, last === undefined ? null : this.#idOf(last))
      if (!answer) return { items, whole: false, more: true }
      items.push(...answer)
      if (answer.length < this.#size) return { items, whole: true, more: false }
    }
    return { items, whole: true, more: true }
  }
}

/** What is answered, and below it what was known before. Ids fall from item to item. */
export function withKnown<T>(
  answered: readonly T[],
  known: readonly T[],
  idOf: (item: T) => number,
): readonly T[] {
  const last = answered.at(-1)
  if (last === undefined) return known
  return [...answered, ...known.filter((item) => idOf(item) < idOf(last))]
}
