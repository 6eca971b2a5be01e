// Serves the built window over the loopback contract, with the desktop's content policy and one world per token.

import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { World } from './world.mjs'

const DIST = fileURLToPath(new URL('../../../ui/dist', import.meta.url))
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

const worlds = new Map()
const tokenOf = (request) => (request.headers.authorization ?? '').replace('Bearer ', '') || 'default'
const worldOf = (request) => {
  const token = tokenOf(request)
  if (!worlds.has(token)) worlds.set(token, new World(token))
  return worlds.get(token)
}

async function body(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString() || 'null')
}

function json(response, status, value) {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value))
}

/** A test names its world in the address; the name is the session too, so that the test can act in the world. */
function session(request, response) {
  json(response, 200, tokenOf(request))
}

async function rpc(request, response) {
  const { name, payload } = await body(request)
  try {
    json(response, 200, await worldOf(request).call(name, payload))
  } catch (error) {
    if (!error.problem) console.error(error)
    json(response, 422, error.problem ?? { code: 'internal', message: String(error), params: {} })
  }
}

function notices(request, response) {
  const world = worldOf(request)
  response.writeHead(200, {
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-store',
  })
  response.write(': open\n\n')
  const send = (notice) => response.write(`data: ${JSON.stringify(notice)}\n\n`)
  world.listeners.add(send)
  request.on('close', () => world.listeners.delete(send))
}

/** Acts at the provider, or at the world, in a test's stead. */
async function control(request, response) {
  const { act, ...how } = await body(request)
  const world = worldOf(request)
  if (act === 'consent') world.consent(how.attempt, how.yes, how.problem)
  if (act === 'strange') world.strange(how.attempt)
  if (act === 'set') Object.assign(world, how.fields)
  if (act === 'move_conflict') world.moveConflict()
  if (act === 'notify') world.notify(...how.tags)
  json(response, 200, null)
}

async function file(request, response) {
  const path = normalize(new URL(request.url, 'http://localhost').pathname)
  const name = path === '/' ? 'index.html' : path
  try {
    const found = await readFile(join(DIST, name))
    response
      .writeHead(200, {
        'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream',
        'Content-Security-Policy': POLICY,
      })
      .end(found)
  } catch {
    response.writeHead(404).end()
  }
}

const server = createServer((request, response) => {
  const handler =
    { 'POST /session': session, 'POST /rpc': rpc, 'GET /notices': notices, 'POST /control': control }[
      `${request.method} ${request.url}`
    ] ?? file
  Promise.resolve(handler(request, response)).catch((error) => {
    console.error(error)
    response.writeHead(500).end()
  })
})
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () =>
  console.log(`http://127.0.0.1:${server.address().port}`),
)
