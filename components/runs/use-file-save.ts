'use client';

import { useCallback, useEffect, useRef, useState } from 'react';

declare global {
  interface Window {
    /** Chromium's, on secure pages alone. */
    showSaveFilePicker?: (options: { suggestedName: string }) => Promise<FileSystemFileHandle>;
  }
}

export type FileSave =
  | { kind: 'none' }
  | { kind: 'saving'; name: string; bytes: number }
  | { kind: 'saved'; name: string; bytes: number }
  | { kind: 'failed'; name: string; reason: string };

const NONE: FileSave = { kind: 'none' };
/** How often progress is told. */
const TELL_EVERY_MS = 200;

/** True where a download can be written to a file piece by piece, so that how far it is can be told. */
export function canSaveFiles(): boolean {
  return typeof window !== 'undefined' && window.showSaveFilePicker !== undefined;
}

/** Saves what is at an address in a file that the reader chooses, telling how far it is. A file that failed is not left. */
export function useFileSave(): {
  state: FileSave;
  save: (url: string, name: string) => Promise<void>;
  cancel: () => void;
} {
  const [state, setState] = useState<FileSave>(NONE);
  const running = useRef<AbortController>(undefined);

  const save = useCallback(async (url: string, name: string) => {
    running.current?.abort();
    const abort = new AbortController();
    running.current = abort;
    try {
      const file = await window.showSaveFilePicker?.({ suggestedName: name });
      if (!file) return;
      setState({ kind: 'saving', name, bytes: 0 });
      const response = await fetch(url, { signal: abort.signal });
      if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`);
      let bytes = 0;
      let toldAt = 0;
      const counting = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform: (piece, controller) => {
          bytes += piece.byteLength;
          const now = performance.now();
          if (now - toldAt >= TELL_EVERY_MS) {
            toldAt = now;
            setState({ kind: 'saving', name, bytes });
          }
          controller.enqueue(piece);
        },
      });
      await response.body.pipeThrough(counting).pipeTo(await file.createWritable(), { signal: abort.signal });
      setState({ kind: 'saved', name, bytes });
    } catch (error) {
      // Cancelled here, or in the browser's own dialog.
      const isCancelled = error instanceof DOMException && error.name === 'AbortError';
      setState(
        isCancelled ? NONE : { kind: 'failed', name, reason: error instanceof Error ? error.message : 'unknown' },
      );
    }
  }, []);

  const cancel = useCallback(() => {
    running.current?.abort();
    setState(NONE);
  }, []);

  useEffect(() => () => running.current?.abort(), []);
  return { state, save, cancel };
}
