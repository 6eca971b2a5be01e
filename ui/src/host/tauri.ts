// The desktop host: calls and notices over Tauri's IPC. Nothing else in the window names Tauri.

import { invoke } from '@tauri-apps/api/core'
import { listen } from '@tauri-apps/api/event'
import type { Notice } from './contract'
import { asTrouble, type Answer, type CallName, type Host, type NoticeSink, type Payload } from './host'

export class TauriHost implements Host {
  readonly inBrowser = false

  async rpc<N extends CallName>(name: N, payload: Payload<N>): Promise<Answer<N>> {
    try {
      return await invoke<Answer<N>>('rpc', { name, payload })
    } catch (thrown) {
      throw asTrouble(thrown)
    }
  }

  async save(fileName: string, text: string): Promise<string> {
    try {
      return await invoke<string>('save_file', { fileName, text })
    } catch (thrown) {
      throw asTrouble(thrown)
    }
  }

  listen(sink: NoticeSink): () => void {
    const stop = listen<Notice>('notice', (event) => sink.notice(event.payload))
    stop.then(
      () => sink.opened(),
      () => sink.lost(),
    )
    return () => void stop.then((off) => off())
  }
}
