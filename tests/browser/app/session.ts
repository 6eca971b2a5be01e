// Uses the world's address, which opens one session only; every spec goes on in that session.

import { need } from './need'

export default async function openSession() {
  const { origin, hash } = new URL(need('DAYMARK_APP_URL'))
  const headers = { Authorization: `Bearer ${hash.replace('#token=', '')}` }
  const open = () => fetch(`${origin}/session`, { method: 'POST', headers })
  const opened = await open()
  if (!opened.ok) throw new Error(`the world gave no session: ${opened.status}`)
  const again = await open()
  if (again.ok) throw new Error('the address opened a second session')
  process.env['DAYMARK_APP_SESSION'] = (await opened.json()) as string
}
