// What a health card offers to do about itself.

import type { Card, Remedy } from '../../host/contract'
import { dismissSetAside, pauseAccount, retryWrite, syncNow } from '../../state/commands'
import type { Session } from '../../state/session.svelte'

const BANNERS = 2

const OF_STORE: Card['code'][] = ['secrets_locked', 'no_keyring']

/** Each account's trouble with a store that is locked or not there says once more what the card of the store says. */
export const worthSaying = (cards: readonly Card[]): Card[] =>
  cards.some(({ code }) => OF_STORE.includes(code))
    ? cards.filter(({ code }) => code !== 'keyring_failing')
    : [...cards]

/** A code from the relay's admin is what helps. */
export const wantsCode = (cards: readonly Card[] | undefined): boolean =>
  (cards ?? []).some(({ code }) => code === 'relay_refused')

/** The cards that stand over every view; the rail shows the others. */
export const overEverything = (cards: readonly Card[] | undefined): Card[] =>
  (cards ?? []).filter((card) => card.severity === 'broken').slice(0, BANNERS)

export interface RemedyButton {
  label: string
  run: () => void
}

export const remediesOf = (card: Card, session: Session): RemedyButton[] =>
  card.remedies.map((remedy) => buttonOf(remedy, card, session)).filter((button) => button !== null)

function buttonOf(remedy: Remedy, card: Card, session: Session): RemedyButton | null {
  const { t, ui, router, edits, secrets } = session
  switch (remedy.kind) {
    case 'none':
      return null
    case 'open_conflict':
      return {
        label: t('remedy.conflict'),
        run: () => ui.open({ kind: 'conflict', conflict: remedy.conflict }),
      }
    case 'sign_in':
      return {
        label: t('remedy.signIn'),
        run: () =>
          ui.open({
            kind: 'connect',
            provider: providerOf(remedy.account, session),
            account: remedy.account,
          }),
      }
    case 'resume':
      return {
        label: t('remedy.resume'),
        run: () => void pauseAccount(session, remedy.account, false),
      }
    case 'retry':
      return { label: t('remedy.retry'), run: () => void syncNow(session) }
    case 'open_settings':
      return { label: t('remedy.settings'), run: () => router.go('settings') }
    case 'open_secrets':
      return secrets === 'keyring' || secrets === 'passphrase'
        ? null
        : { label: t(`remedy.secrets.${secrets}`), run: () => ui.open({ kind: 'secrets' }) }
    case 'open_bookings':
      return card.code === 'relay_refused'
        ? { label: t('remedy.newCode'), run: () => enterCode(session) }
        : { label: t('remedy.bookings'), run: () => router.go('bookings') }
    case 'review_run':
      return { label: t('remedy.reviewRun'), run: () => ui.open({ kind: 'held', run: remedy.run }) }
    case 'retry_write':
      return { label: t('tryAgain'), run: () => void retryWrite(session, remedy.event) }
    case 'import_file':
      return { label: t('remedy.importFile'), run: () => ui.open({ kind: 'import' }) }
    case 'dismiss_set_aside':
      return { label: t('remedy.dismiss'), run: () => void dismissSetAside(session, remedy.calendar) }
    case 'undo':
      return card.code === 'booking_refused'
        ? { label: t('remedy.giveUp'), run: () => giveUp(card, remedy.journal, session) }
        : { label: t('remedy.undo'), run: () => void edits.undo(remedy.journal) }
  }
}

function enterCode({ ui, router }: Session) {
  ui.codeWanted = true
  router.go('bookings')
}

function giveUp({ params }: Card, journal: number, { ui, edits }: Session) {
  const booked = { title: params['title'] ?? '', start: null }
  ui.open({ kind: 'unbook', booked, agree: () => void edits.undo(journal) })
}

const providerOf = (id: number, { calendars }: Session) =>
  calendars.accounts?.find((account) => account.id === id)?.provider ?? null
