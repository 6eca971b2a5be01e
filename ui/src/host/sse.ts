// Reads a text/event-stream from a fetch body. EventSource cannot send the Authorization header, so it is done by hand.

/** Collects bytes into events and yields the data of each. */
export class EventStreamParser {
  #rest = ''
  #data: string[] = []

  push(text: string): string[] {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/)
    this.#rest = lines.pop() ?? ''
    const events: string[] = []
    for (const line of lines) {
      if (line === '') this.#flush(events)
      else if (line.startsWith('data:')) this.#data.push(line.slice(5).replace(/^ /, ''))
      // Comments (":" first) keep the connection alive; other fields are not used here.
    }
    return events
  }

  #flush(events: string[]) {
    if (this.#data.length > 0) events.push(this.#data.join('\n'))
    this.#data = []
  }
}
