'use client';

import { ChevronDown } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from '@/components/ui/button';
import { Menu, MenuLabel, MenuSwitch } from '@/components/ui/menu';
import { SearchField } from '@/components/ui/search-field';
import { STATUSES } from '@/lib/protocol/run';
import { RunStatus, STATUS_LOOKS } from './run-status';

/** Above the list: a search by job name or id, and which statuses to show. Works as a plain form too. */
export function RunListFilter({
  view,
  onChange,
}: {
  view: { q: string; status: string };
  onChange: (change: { q?: string; status?: string }) => void;
}) {
  const [text, setText] = useState(view.q);
  useEffect(() => setText(view.q), [view.q]);
  const chosen = STATUSES.filter((status) => view.status.split(',').includes(status));

  const search = (q: string) => {
    setText(q);
    onChange({ q });
  };

  return (
    <search>
      <form
        action="/"
        method="get"
        className="mb-3 flex items-center gap-2"
        onSubmit={(event) => event.preventDefault()}
      >
        <SearchField
          label="Search job name or id"
          name="q"
          className="w-full max-w-xs"
          value={text}
          onChange={(event) => search(event.target.value)}
          onClear={text === '' ? undefined : () => search('')}
        />
        {view.status !== '' && <input type="hidden" name="status" value={view.status} />}
        <Menu
          align="start"
          trigger={
            <Button>
              {chosen.length === 0 ? 'Status' : chosen.map((status) => STATUS_LOOKS[status].text).join(', ')}
              <ChevronDown aria-hidden className="text-fg-faint" />
            </Button>
          }
        >
          <MenuLabel>Show runs that are</MenuLabel>
          {STATUSES.map((status) => (
            <MenuSwitch
              key={status}
              checked={chosen.includes(status)}
              onChange={(isOn) => {
                const next = isOn ? [...chosen, status] : chosen.filter((other) => other !== status);
                onChange({ status: next.join(',') });
              }}
            >
              <RunStatus status={status} />
            </MenuSwitch>
          ))}
        </Menu>
      </form>
    </search>
  );
}
