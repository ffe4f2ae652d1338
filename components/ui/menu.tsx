'use client';

import { Check, ChevronRight } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { type ComponentProps, createContext, type ReactNode, useCallback, useContext, useState } from 'react';
import { classNames } from './class-names';
import { useNoteOpenMenu } from './open-menus';

const ITEM =
  'flex h-8 items-center gap-2 rounded px-2 text-13 outline-none select-none data-[highlighted]:bg-hover [&_svg]:size-3.5';

const PANEL = 'z-50 min-w-44 rounded-lg bg-raised p-1 text-fg shadow-pop';

/** Menus belong to the landmark of their button, so that who goes through a page by these comes across them (ARIA's landmark regions). */
const Landmark = createContext<HTMLElement | undefined>(undefined);

function landmarkOf(element: HTMLElement | null): HTMLElement | undefined {
  return element?.closest('main') ?? element?.closest('header') ?? undefined;
}

/** A menu that opens from a button; `trigger` is that button. */
export function Menu({
  trigger,
  children,
  align = 'end',
  onOpenChange,
  defaultOpen = false,
}: {
  trigger: ReactNode;
  children: ReactNode;
  align?: 'start' | 'end';
  onOpenChange?: (isOpen: boolean) => void;
  /** Open from the first render on: for a menu that is made when it is asked for. */
  defaultOpen?: boolean;
}) {
  const [isOpen, setOpen] = useState(defaultOpen);
  useNoteOpenMenu(isOpen);
  const [landmark, setLandmark] = useState<HTMLElement>();
  const noteTrigger = useCallback((element: HTMLElement | null) => {
    if (element) setLandmark(landmarkOf(element));
  }, []);
  return (
    <DropdownMenu.Root
      modal={false}
      defaultOpen={defaultOpen}
      onOpenChange={(open) => {
        setOpen(open);
        onOpenChange?.(open);
      }}
    >
      <DropdownMenu.Trigger ref={noteTrigger} asChild>
        {trigger}
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal container={landmark}>
        <DropdownMenu.Content
          align={align}
          sideOffset={6}
          collisionPadding={8}
          className={classNames(PANEL, 'max-h-(--radix-dropdown-menu-content-available-height) overflow-y-auto')}
        >
          <Landmark value={landmark}>{children}</Landmark>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

export function MenuItem({ className, ...rest }: ComponentProps<typeof DropdownMenu.Item>) {
  return <DropdownMenu.Item {...rest} className={classNames(ITEM, className)} />;
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <DropdownMenu.Label className="px-2 pt-1.5 pb-1 text-2xs text-fg-faint">{children}</DropdownMenu.Label>;
}

export function MenuSeparator() {
  return <DropdownMenu.Separator className="-mx-1 my-1 h-px bg-edge" />;
}

/** A menu beside the menu; `label` is its entry. */
export function MenuSub({ label, children }: { label: ReactNode; children: ReactNode }) {
  const landmark = useContext(Landmark);
  return (
    <DropdownMenu.Sub>
      <DropdownMenu.SubTrigger className={classNames(ITEM, 'data-[state=open]:bg-hover')}>
        <span className="flex min-w-0 flex-1 items-center gap-2">{label}</span>
        <ChevronRight aria-hidden className="text-fg-faint" />
      </DropdownMenu.SubTrigger>
      <DropdownMenu.Portal container={landmark}>
        <DropdownMenu.SubContent
          sideOffset={4}
          collisionPadding={8}
          className={classNames(PANEL, 'max-h-72 max-w-72 overflow-y-auto')}
        >
          {children}
        </DropdownMenu.SubContent>
      </DropdownMenu.Portal>
    </DropdownMenu.Sub>
  );
}

/** One of several choices; the chosen one has a tick. `staysOpen`: a choice leaves the menu open. */
export function MenuChoices<Value extends string>({
  value,
  onChange,
  choices,
  staysOpen = false,
}: {
  value: Value;
  onChange: (value: Value) => void;
  choices: ReadonlyArray<{ value: Value; label: ReactNode }>;
  staysOpen?: boolean;
}) {
  return (
    <DropdownMenu.RadioGroup
      value={value}
      onValueChange={(next) => {
        const choice = choices.find((candidate) => candidate.value === next);
        if (choice) onChange(choice.value);
      }}
    >
      {choices.map((choice) => (
        <DropdownMenu.RadioItem
          key={choice.value}
          value={choice.value}
          onSelect={(event) => staysOpen && event.preventDefault()}
          className={ITEM}
        >
          <span className="flex min-w-0 flex-1 items-center gap-2">{choice.label}</span>
          <DropdownMenu.ItemIndicator>
            <Check aria-hidden />
          </DropdownMenu.ItemIndicator>
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  );
}

/** A switch inside a menu, which stays open. */
export function MenuSwitch({
  checked,
  onChange,
  children,
}: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: ReactNode;
}) {
  return (
    <DropdownMenu.CheckboxItem
      checked={checked}
      onCheckedChange={onChange}
      onSelect={(event) => event.preventDefault()}
      className={ITEM}
    >
      <span className="flex flex-1 items-center gap-2">{children}</span>
      <DropdownMenu.ItemIndicator>
        <Check aria-hidden />
      </DropdownMenu.ItemIndicator>
    </DropdownMenu.CheckboxItem>
  );
}
