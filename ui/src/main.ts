// The window's entry: picks the host, starts the engine's end, mounts the app.

import { mount } from 'svelte'
import App from './App.svelte'
import { pickHost } from './host'
import { Engine } from './state/engine.svelte'
import './styles/tokens.css'
import './styles/base.css'
import './styles/calendar.css'

const target = document.getElementById('app')
if (target) mount(App, { target, props: { engine: new Engine(await pickHost()) } })
