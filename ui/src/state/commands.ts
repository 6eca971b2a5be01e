// Every command of the window, once: for the keyboard, the palette and the list of keys.

import { draftOf, nextDraft } from './drafts'
import type { IconName } from '../components/icons'
import type { PlainKey } from '../i18n/translate'
import type { Card, Item } from '../host/contract'
import { keyOf } from './overlay'
import { PLACES, SPANS, type Span } from './router.svelte'
import type { Session } from './session.svelte'

export interface Command {
  id: string
  label: PlainKey
  icon: IconName
  /** As `KeyboardEvent.key` gives them; "mod+" stands for Ctrl or ⌘. */
  keys: string[]
  run: () => void
  /** Left out of the palette where it can do nothing. */
  possible?: () => boolean
  /** Works while text is being typed. */
  anywhere?: boolean
}

const SPAN_KEYS: Record<Span, string> = { day: 'd', week: 'w', month: 'm', agenda: 'a' }
const PLACE_ICONS = {
  schedule: 'calendar',
  bookings: 'bookings',
  activity: 'activity',
  settings: 'settings',
} as const

/** The event that the keyboard is on: the one whose details are open, or the one with the focus. */
function focusedItem(session: Session): Item | null {
  const layer = session.ui.layer
  if (layer?.kind === 'detail') return layer.item
  const marked = document.activeElement?.closest<HTMLElement>('[data-item]')?.dataset['item']
  return session.schedule.items.find((item) => keyOf(item.event) === marked) ?? null
}

const focusRect = () => document.activeElement?.getBoundingClientRect() ?? null

export async function editItem(session: Session, item: Item, anchor: DOMRect | null) {
  const asked = await session.engine.attempt('event', item.event)
  if ('trouble' in asked) return session.fail(asked.trouble)
  session.ui.open({ kind: 'editor', draft: draftOf(asked.answer), anchor })
}

export async function writeNew(session: Session) {
  // Right after the start the calendars may still be on their way.
  await session.calendars.query.fresh()
  const draft = nextDraft(session)
  if (draft) session.ui.open({ kind: 'editor', draft, anchor: null })
  else session.toasts.warn(session.t('edit.noCalendar'))
}

export async function syncNow(session: Session) {
  const asked = await session.engine.attempt('sync_now', null)
  if ('trouble' in asked) session.fail(asked.trouble)
  else session.toasts.say(session.t('health.syncStarted'))
}

export async function pauseAccount(session: Session, account: number, paused: boolean) {
  const asked = await session.engine.attempt('pause_account', { account, paused })
  if ('trouble' in asked) session.fail(asked.trouble)
  await session.engine.queries.invalidate(['accounts', 'health'])
}

/** Sends again what a provider refused. */
export async function retryWrite(session: Session, event: number) {
  const asked = await session.engine.attempt('retry_write', { event })
  if ('trouble' in asked) session.fail(asked.trouble)
  else session.toasts.say(session.t('edit.retrying'))
  await session.engine.queries.invalidate(['health', 'bookings', 'schedule', 'journal'])
}

export async function dismissSetAside(session: Session, calendar: number) {
  const asked = await session.engine.attempt('dismiss_set_aside', { calendar })
  if ('trouble' in asked) session.fail(asked.trouble)
  await session.engine.queries.invalidate(['health'])
}

export function deleteItem(session: Session, item: Item) {
  const { ui, edits } = session
  if (item.repeats)
    return ui.open({
      kind: 'scope',
      what: 'delete',
      event: item.event,
      answer: (reach) => reach && void edits.delete(item.event, reach),
    })
  ui.close()
  void edits.delete(item.event)
}

function travel(session: Session): Command[] {
  const onSchedule = () => session.router.place === 'schedule'
  return [
    ...SPANS.map((span): Command => ({
      id: `span.${span}`,
      label: `span.${span}`,
      icon: 'calendar',
      keys: [SPAN_KEYS[span]],
      run: () => session.router.show(span),
    })),
    { id: 'today', label: 'command.today', icon: 'clock', keys: ['t'], run: () => session.schedule.today() },
    {
      id: 'back',
      label: 'command.back',
      icon: 'left',
      keys: ['ArrowLeft'],
      possible: onSchedule,
      run: () => session.schedule.step(-1),
    },
    {
      id: 'forward',
      label: 'command.forward',
      icon: 'right',
      keys: ['ArrowRight'],
      possible: onSchedule,
      run: () => session.schedule.step(1),
    },
    ...PLACES.map((place, index): Command => ({
      id: `place.${place}`,
      label: `place.${place}`,
      icon: PLACE_ICONS[place],
      keys: [String(index + 1)],
      run: () => session.router.go(place),
    })),
  ]
}

function editing(session: Session): Command[] {
  const deletable = () => focusedItem(session)?.editable === true
  // A copy says what its original says.
  const editable = () => deletable() && focusedItem(session)?.block === null
  return [
    { id: 'new', label: 'command.new', icon: 'plus', keys: ['c'], run: () => void writeNew(session) },
    {
      id: 'edit',
      label: 'command.edit',
      icon: 'edit',
      keys: ['e'],
      possible: editable,
      run: () => {
        const item = focusedItem(session)
        if (item) void editItem(session, item, focusRect())
      },
    },
    {
      id: 'delete',
      label: 'command.delete',
      icon: 'trash',
      keys: ['Delete', 'Backspace'],
      possible: deletable,
      run: () => {
        const item = focusedItem(session)
        if (item) deleteItem(session, item)
      },
    },
    {
      id: 'undo',
      label: 'command.undo',
      icon: 'undo',
      keys: ['mod+z'],
      run: () => void session.edits.undoLast(),
    },
  ]
}

/** The brake, and taking back what was written. */
function keepingOrder(session: Session): Command[] {
  const held = () => heldRun(session.engine.read('health', null).data?.cards)
  return [
    {
      id: 'held',
      label: 'command.held',
      icon: 'pause',
      keys: [],
      possible: () => held() !== null,
      run: () => {
        const run = held()
        if (run !== null) session.ui.open({ kind: 'held', run })
      },
    },
    {
      id: 'removeCopies',
      label: 'command.removeCopies',
      icon: 'trash',
      keys: [],
      run: () => session.ui.open({ kind: 'removal', what: 'copies' }),
    },
    {
      id: 'removeEverything',
      label: 'command.removeEverything',
      icon: 'trash',
      keys: [],
      run: () => session.ui.open({ kind: 'removal', what: 'everything' }),
    },
  ]
}

/** The run that the brake holds back, as health says it. */
function heldRun(cards: readonly Card[] | undefined): number | null {
  for (const { remedies } of cards ?? [])
    for (const remedy of remedies) if (remedy.kind === 'review_run') return remedy.run
  return null
}

export function commandsOf(session: Session): Command[] {
  const { ui } = session
  return [
    ...editing(session),
    ...travel(session),
    { id: 'sync', label: 'command.sync', icon: 'sync', keys: ['r'], run: () => void syncNow(session) },
    ...keepingOrder(session),
    {
      id: 'connect',
      label: 'command.connect',
      icon: 'plus',
      keys: [],
      run: () => ui.open({ kind: 'connect', provider: null, account: null }),
    },
    {
      id: 'palette',
      label: 'command.palette',
      icon: 'search',
      keys: ['mod+k'],
      anywhere: true,
      run: () => ui.open({ kind: 'palette' }),
    },
    {
      id: 'search',
      label: 'command.search',
      icon: 'search',
      keys: ['/'],
      run: () => ui.open({ kind: 'search' }),
    },
    { id: 'keys', label: 'command.keys', icon: 'info', keys: ['?'], run: () => ui.open({ kind: 'keys' }) },
  ]
}

/** The command a key press means, if any. While a dialog is open only its own keys count. */
export function commandFor(
  event: KeyboardEvent,
  commands: readonly Command[],
  layerOpen: boolean,
): Command | null {
  if (event.defaultPrevented || event.altKey || event.isComposing) return null
  if (event.key.startsWith('Arrow') && event.target instanceof HTMLInputElement) return null
  const pressed = event.ctrlKey || event.metaKey ? `mod+${event.key.toLowerCase()}` : event.key
  const found = commands.find((command) => command.keys.includes(pressed))
  if (!found || (found.possible && !found.possible())) return null
  if (layerOpen && !['edit', 'delete'].includes(found.id)) return null
  const meantHere = found.anywhere && pressed.startsWith('mod+')
  return meantHere || !isTyping(event.target) ? found : null
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]') !== null
  )
}

const NAMES: Record<string, string> = { ArrowLeft: '←', ArrowRight: '→', Delete: 'Del', Backspace: '⌫' }

/** A key as it is printed on the keyboard. */
export function keyLabel(key: string): string {
  const mod = navigator.platform.startsWith('Mac') ? '⌘' : 'Ctrl '
  if (key.startsWith('mod+')) return mod + key.slice(4).toUpperCase()
  return NAMES[key] ?? key
}
