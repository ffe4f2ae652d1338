'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { TriangleAlert } from 'lucide-react';
import Link from 'next/link';
import { type ReactNode, useEffect } from 'react';
import { formatDuration } from '@/components/format/duration';
import { formatCount, formatCounted } from '@/components/format/quantity';
import { useRunNames } from '@/components/runs/use-run-names';
import { Button } from '@/components/ui/button';
import { classNames } from '@/components/ui/class-names';
import { Notice } from '@/components/ui/notice';
import { useNow } from '@/components/ui/now';
import { LogStreamingService } from '@/lib/client/log-streamer';
import { RunWatcher } from '@/lib/client/run-watcher';
import type { Connections, StreamStatus } from '@/lib/protocol/api';
import { runPagePath } from '@/lib/protocol/run-page-path';

const KEY = ['stream-status'];
const TRANSPORTS = [
  { key: 'websocket', name: 'WebSocket' },
  { key: 'sse', name: 'SSE' },
  { key: 'socketio', name: 'Socket.IO' },
] as const;

function sum({ websocket, sse, socketio }: Connections): number {
  return websocket + sse + socketio;
}

/** Who is reading now: connections by run and transport, as the server counts them. */
export function StatusBoard() {
  const client = useQueryClient();
  const { data, error, dataUpdatedAt, refetch } = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => new LogStreamingService().getStreamingStatus({ signal }),
    refetchInterval: 15_000,
  });

  useEffect(() => {
    const watcher = new RunWatcher();
    const takeChange = (status: StreamStatus) => client.setQueryData<StreamStatus>(KEY, status);
    watcher.watchStatus(takeChange, () => void client.invalidateQueries({ queryKey: KEY }));
    return () => watcher.close();
  }, [client]);

  return (
    <div className="mx-auto w-full max-w-4xl px-3 py-4 sm:px-6 sm:py-6">
      <div className="mb-4 flex min-h-8 items-center gap-3">
        <h1 className="font-semibold text-lg tracking-tight">Status</h1>
        {data && <ServerState status={data} isReached={error === null} />}
      </div>
      {data ? (
        <Connected status={data} readAt={dataUpdatedAt} />
      ) : error ? (
        <Notice title="The server did not answer" icon={<TriangleAlert aria-hidden />}>
          <p className="mb-4">{error.message}</p>
          <Button onClick={() => void refetch()}>Try again</Button>
        </Notice>
      ) : (
        <Skeleton />
      )}
    </div>
  );
}

function ServerState({ status, isReached }: { status: StreamStatus; isReached: boolean }) {
  const [text, dot] = !isReached
    ? ['Not reached', 'bg-danger']
    : status.status === 'active'
      ? ['Active', 'bg-success']
      : ['Draining', 'bg-warning'];
  return (
    <span role="status" className="inline-flex items-center gap-2 text-13 text-fg-muted">
      <span aria-hidden className={classNames('size-2 rounded-full', dot)} />
      {text}
    </span>
  );
}

function Connected({ status, readAt }: { status: StreamStatus; readAt: number }) {
  const { global, jobs } = status.connections;
  const runs = Object.entries(jobs).sort(([, a], [, b]) => sum(b) - sum(a));
  const nameOf = useRunNames(runs.map(([id]) => id));
  const now = useNow(1000);
  const all = [global, ...Object.values(jobs)];
  const uptime = status.uptime_seconds;
  const cell = 'px-2 text-right tabular-nums sm:px-3';

  return (
    <>
      <dl className="mb-6 grid grid-cols-2 gap-px overflow-hidden rounded-lg border bg-edge sm:grid-cols-5">
        <Figure name="Connections">{formatCount(all.reduce((total, each) => total + sum(each), 0))}</Figure>
        {TRANSPORTS.map(({ key, name }) => (
          <Figure key={key} name={name}>
            {formatCount(all.reduce((total, each) => total + each[key], 0))}
          </Figure>
        ))}
        <Figure name="Uptime">
          {uptime === undefined || now === undefined
            ? '–'
            : formatDuration(uptime * 1000 + Math.max(0, now - readAt)).replace(/\.\ds$/, 's')}
        </Figure>
      </dl>
      <div className="overflow-hidden rounded-lg border">
        <table className="w-full table-fixed text-13">
          <caption className="sr-only">Connections by run and transport</caption>
          <thead className="border-b bg-subtle text-fg-faint text-xs">
            <tr className="h-8">
              <th scope="col" className="px-3 text-left font-normal">
                Reads
              </th>
              {TRANSPORTS.map(({ key, name }) => (
                <th key={key} scope="col" className="w-[5.25rem] px-2 text-right font-normal sm:w-28 sm:px-3">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y">
            <tr className="h-10">
              <th scope="row" className="px-3 text-left font-medium">
                All runs
              </th>
              {TRANSPORTS.map(({ key }) => (
                <Count key={key} count={global[key]} className={cell} />
              ))}
            </tr>
            {runs.map(([id, connections]) => (
              <tr key={id} className="h-10 hover:bg-hover">
                <th scope="row" className="truncate px-3 text-left font-medium">
                  <Link href={runPagePath(id)} prefetch={false} className="hover:underline" title={id}>
                    {nameOf(id)}
                  </Link>
                </th>
                {TRANSPORTS.map(({ key }) => (
                  <Count key={key} count={connections[key]} className={cell} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="mt-2 text-fg-faint text-xs">
        {runs.length === 0 ? 'No run is being read right now.' : `${formatCounted(runs.length, 'run')} being read.`}
      </p>
    </>
  );
}

function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex flex-col-reverse bg-canvas px-3 py-2.5 first:col-span-2 sm:first:col-span-1">
      <dt className="text-fg-faint text-xs">{name}</dt>
      <dd className="font-medium text-lg tabular-nums tracking-tight">{children}</dd>
    </div>
  );
}

function Count({ count, className }: { count: number; className: string }) {
  return <td className={classNames(className, count === 0 && 'text-fg-faint')}>{formatCount(count)}</td>;
}

function Skeleton() {
  return (
    <div role="status" aria-label="Loading status" className="animate-pulse">
      <div className="mb-6 h-16 rounded-lg bg-hover" />
      <div className="h-40 rounded-lg bg-hover" />
    </div>
  );
}
