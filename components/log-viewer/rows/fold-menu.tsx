import { ChevronsDownUp, ChevronsUpDown } from 'lucide-react';
import { MenuItem, MenuSeparator, MenuSwitch } from '@/components/ui/menu';

/** What can be folded, and whether it is. */
export interface FoldOptions {
  groups: boolean;
  setGroups: (on: boolean) => void;
  repeats: boolean;
  setRepeats: (on: boolean) => void;
  /** There are groups to open and close. */
  hasGroups: boolean;
  setAllOpen: (isOpen: boolean) => void;
}

/** The entries of a menu about folding. */
export function FoldMenu({ groups, setGroups, repeats, setRepeats, hasGroups, setAllOpen }: FoldOptions) {
  return (
    <>
      <MenuSwitch checked={groups} onChange={setGroups}>
        Fold groups
      </MenuSwitch>
      <MenuSwitch checked={repeats} onChange={setRepeats}>
        Fold repeats
      </MenuSwitch>
      {hasGroups && (
        <>
          <MenuSeparator />
          <MenuItem onSelect={() => setAllOpen(true)}>
            <ChevronsUpDown aria-hidden />
            Expand all groups
          </MenuItem>
          <MenuItem onSelect={() => setAllOpen(false)}>
            <ChevronsDownUp aria-hidden />
            Collapse all groups
          </MenuItem>
        </>
      )}
    </>
  );
}
