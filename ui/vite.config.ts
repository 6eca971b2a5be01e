import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

// `light-dark()` must reach the browser untouched: both web views the app ships with know it.
const engines = ['chrome123', 'safari17.5']

export default defineConfig({
  plugins: [svelte()],
  base: './',
  build: { target: engines, cssTarget: engines, modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
  server: { host: '127.0.0.1', strictPort: false },
  resolve: { conditions: ['browser'] },
  // Zones are switched through the environment, which threads do not share with their process.
  test: { include: ['tests/**/*.test.ts'], pool: 'forks' },
})
