// The fake's answers about accounts that come: sign-in, CalDAV, files and feeds.

import type { ConnectCalDav, ImportedCalendar, ProviderKind } from '../../../../ui/src/host/contract'
import { present, Refusal, type Part } from '../calls'
import { account, calendar } from '../seed'
import type { World } from '../world'

type Calls =
  | 'connect'
  | 'connect_state'
  | 'cancel_connect'
  | 'connect_caldav'
  | 'restore_account'
  | 'import_ics'
  | 'subscribe'

export const connectAnswers = (world: World): Part<Calls> => ({
  connect: ({ provider, account }) => {
    world.mayKeep()
    return signIn(world, provider, account)
  },
  connect_state: ({ attempt }) => present(world.attempts.get(attempt)).state,
  cancel_connect: ({ attempt }) => {
    world.attempts.delete(attempt)
    return null
  },
  connect_caldav: (wanted) => {
    world.mayKeep()
    const refused = refusal(wanted)
    if (refused) throw refused
    const made = world.accounts.find((it) => it.id === wanted.account) ?? joined(world, wanted)
    made.state = 'connected'
    world.dropCards('sign_in_needed')
    world.notify('accounts', 'health', 'schedule')
    return { account: made.id }
  },
  restore_account: ({ account: id }) => {
    const back = present(world.left.find((it) => it.id === id))
    const keeps = world.removing.delete(id)
    if (back.provider !== 'caldav' && !keeps) return { state: 'sign_in', ...signIn(world, back.provider, id) }
    world.accounts.push({ ...back, state: keeps ? 'connected' : 'sign_in_needed' })
    world.left = world.left.filter((it) => it !== back)
    world.notify('accounts', 'schedule')
    return { state: 'done' }
  },
  import_ics: ({ name, text, counts_busy }) => {
    if (!text.startsWith('BEGIN:VCALENDAR'))
      throw new Refusal('not_a_calendar', 'text', { reason: 'no VCALENDAR' })
    return { ...kept(world, 'file', name, counts_busy), problems: ['line 7: no DTSTART'] }
  },
  subscribe: ({ url, counts_busy }) => {
    world.mayKeep()
    if (!url.startsWith('https://')) throw new Refusal('bad_feed_address', 'scheme', { reason: 'not https' })
    return kept(world, 'feed', 'City holidays', counts_busy)
  },
})

function signIn(world: World, provider: ProviderKind, account: number | null) {
  const attempt = `t${world.attempts.size + 1}`
  world.attempts.set(attempt, { provider, account, state: { state: 'waiting', strange: false } })
  const query = `client_id=daymark&state=${attempt}&code_challenge=Wm8sQ0xkQ3`
  return { attempt, authorize_url: `https://accounts.example/authorize?${query}` }
}

function joined(world: World, { address_or_url, username }: ConnectCalDav) {
  const made = account(world.accounts.length + 20, 'caldav', username || address_or_url, [
    calendar(41, 'Garden club', 7),
    calendar(42, 'Days', 6, { writable: false }),
  ])
  world.accounts.push(made)
  return made
}

function kept(world: World, provider: ProviderKind, name: string, counts_busy: boolean): ImportedCalendar {
  const id = 60 + world.accounts.length
  world.accounts.push(account(id, provider, name, [calendar(id, name, 6, { writable: false, counts_busy })]))
  world.notify('accounts', 'schedule')
  return { account: id, calendar: id, name, events: 2, problems: [] }
}

/** What a CalDAV server, or the way to it, has against being connected. */
function refusal({ address_or_url: address, password, allow_http, servers }: ConnectCalDav): Refusal | null {
  const named = { server: address }
  if (address.startsWith('http://') && !allow_http) return new Refusal('plain_http', 'plain', named)
  const elsewhere = 'https://p34-caldav.icloud.com'
  if (address.includes('icloud') && !servers.includes(elsewhere))
    return new Refusal('other_server', 'elsewhere', { server: elsewhere })
  if (address.startsWith('silent')) return new Refusal('server_unreachable', 'silent', named)
  if (address.startsWith('unsafe')) return new Refusal('server_unsafe', 'unsafe', named)
  if (address.startsWith('www')) return new Refusal('not_caldav', 'no', named)
  return password === 'wrong' ? new Refusal('wrong_password') : null
}
