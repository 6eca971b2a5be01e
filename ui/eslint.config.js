import svelte from 'eslint-plugin-svelte'
import ts from 'typescript-eslint'
import config from './svelte.config.js'

const onlyIn = (home) => `Only ${home} may know this.`

export default ts.config(
  { ignores: ['dist/', 'node_modules/', 'src/host/contract.ts'] },
  ...ts.configs.recommended,
  ...svelte.configs['flat/recommended'],
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig: config },
    },
  },
  {
    files: ['src/**'],
    ignores: ['src/host/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['@tauri-apps/*'], message: onlyIn('src/host') }] },
      ],
      'no-restricted-globals': ['error', { name: 'fetch', message: onlyIn('src/host') }],
    },
  },
  {
    files: ['src/**'],
    rules: {
      'svelte/no-at-html-tags': 'error',
      // The window shows wall times of a zone that is not the machine's: these would convert.
      'no-restricted-properties': [
        'error',
        { property: 'toISOString', message: 'Times cross as wall times; see state/wall.ts.' },
        {
          object: 'Date',
          property: 'now',
          message: 'The time comes from the engine; see state/clock.svelte.ts.',
        },
        { property: 'getTimezoneOffset', message: 'The window never converts between zones.' },
      ],
    },
  },
)
