// Browser tests with the system's Chromium: the window over a fake engine, and, where their world is running,
// the window over the real engine and the relay's public page.

import { defineConfig } from '@playwright/test'

const app = process.env['DAYMARK_APP_URL']
const visitors = process.env['DAYMARK_PUBLIC_URL']
// Set by the fake engine once it listens: it takes any free port.
const fake = `http://127.0.0.1:${process.env['FAKE_PORT'] ?? 0}`

export default defineConfig({
  globalSetup: ['./fake/server.ts', ...(app ? ['./app/session.ts'] : [])],
  outputDir: 'results',
  fullyParallel: true,
  forbidOnly: true,
  retries: 0,
  workers: 2,
  timeout: 30_000,
  reporter: [['list']],
  use: {
    locale: 'en-CA',
    // Not the zone of the worlds under test: the window must not care where the machine is.
    timezoneId: 'Pacific/Auckland',
    contextOptions: { reducedMotion: 'reduce' },
    viewport: { width: 1280, height: 720 },
    launchOptions: {
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    },
    trace: 'off',
    screenshot: 'only-on-failure',
  },
  projects: [
    { name: 'look', testDir: 'look', use: { baseURL: fake } },
    // One world, one story: its specs follow each other by their names.
    ...(app ? [{ name: 'app', testDir: 'app', workers: 1, fullyParallel: false }] : []),
    ...(visitors ? [{ name: 'public', testDir: 'public', use: { baseURL: visitors } }] : []),
  ],
})
