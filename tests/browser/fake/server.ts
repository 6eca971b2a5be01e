// Serves the built window over the loopback contract, with the desktop's content policy and one world per token.

import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import type { Notice, Problem, Tag } from '../../../ui/src/host/contract'
import { answersOf } from './answers'
import { Refusal, type CallName, type Fake } from './calls'
import { Contract } from './conform'
import { World, type Settable } from './world'

/** What a test does at the provider, or in the world, beside the window. */
export type Act =
  | { act: 'consent'; attempt: string; yes: boolean; problem?: Problem }
  | { act: 'strange'; attempt: string }
  | { act: 'set'; fields: Settable }
  | { act: 'move_conflict' }
  | { act: 'notify'; tags: Tag[] }

const DIST = join(__dirname, '../../../ui/dist')
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

interface Served {
  world: World
  answers: Fake
}
type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

const contract = new Contract()
const worlds = new Map<string, Served>()
const tokenOf = (request: IncomingMessage) => (request.headers.authorization ?? '').replace('Bearer ', '')

function servedTo(request: IncomingMessage): Served {
  const token = tokenOf(request)
  if (!token) throw new Error('a window without a world asks')
  const known = worlds.get(token)
  if (known) return known
  const world = new World(token)
  const served = { world, answers: answersOf(world) }
  worlds.set(token, served)
  return served
}

async function body(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString() || 'null')
}

function json(response: ServerResponse, status: number, value: unknown) {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value))
}

/** What breaks the contract is the fake's own fault or the window's, and no answer at all. */
function keep(faults: string[]) {
  if (faults.length > 0) throw new Error(`the contract is broken: ${faults.join('; ')}`)
}

/** A test names its world in the address; the name is the session too, so that the test can act in the world. */
const session: Handler = (request, response) => json(response, 200, tokenOf(request))

const rpc: Handler = async (request, response) => {
  const { name, payload } = (await body(request)) as { name: CallName; payload: unknown }
  const { world, answers } = servedTo(request)
  keep(contract.faults(name, 'payload', payload))
  if (world.stuck.has(name)) return
  try {
    if (world.failing.has(name)) throw new Refusal('database', 'disk I/O error')
    const answer = (answers[name] as (payload: unknown) => unknown)(payload)
    keep(contract.faults(name, 'answer', answer))
    json(response, 200, answer)
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown
    json(response, 422, thrown.problem)
  }
}

const notices: Handler = (request, response) => {
  const { world } = servedTo(request)
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
  response.write(': open\n\n')
  const send = (notice: Notice) => void response.write(`data: ${JSON.stringify(notice)}\n\n`)
  world.listeners.add(send)
  request.on('close', () => world.listeners.delete(send))
}

const control: Handler = async (request, response) => {
  const act = (await body(request)) as Act
  const { world } = servedTo(request)
  if (act.act === 'consent') world.consent(act.attempt, act.yes, act.problem)
  if (act.act === 'strange') world.strange(act.attempt)
  if (act.act === 'set') Object.assign(world, act.fields)
  if (act.act === 'move_conflict') world.moveConflict()
  if (act.act === 'notify') world.notify(...act.tags)
  json(response, 200, null)
}

const file: Handler = async (request, response) => {
  const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname)
  const name = path === '/' ? 'index.html' : path
  const found = await readFile(join(DIST, name)).catch(() => null)
  if (!found) return void response.writeHead(404).end()
  const type = TYPES[extname(name)] ?? 'application/octet-stream'
  response.writeHead(200, { 'Content-Type': type, 'Content-Security-Policy': POLICY }).end(found)
}

const ROUTES: Record<string, Handler> = {
  'POST /session': session,
  'POST /rpc': rpc,
  'GET /notices': notices,
  'POST /control': control,
}

/** Runs for all tests, on any free port, which is told to them as FAKE_PORT. */
export default async function serve() {
  const server = createServer((request, response) => {
    const handler = ROUTES[`${request.method} ${request.url}`] ?? file
    Promise.resolve(handler(request, response)).catch((error: unknown) => {
      console.error(error)
      if (!response.headersSent) response.writeHead(500)
      response.end()
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  process.env['FAKE_PORT'] = String((server.address() as AddressInfo).port)
  return () => {
    server.closeAllConnections()
    server.close()
  }
}
