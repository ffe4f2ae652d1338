import { ScanEye } from 'lucide-react';

/**
 * Shows a line of a filtered view among its neighbours. It appears under the pointer alone and is no stop of the Tab key, of which each row
 * would have one: the keyboard has the shortcut, touch the bar of the selected line.
 */
export function ContextButton({
  line,
  number,
  onShow,
}: {
  line: number;
  number: number;
  onShow: (line: number) => void;
}) {
  return (
    <button
      type="button"
      tabIndex={-1}
      title="Show in context"
      aria-label={`Show line ${number} in context`}
      onClick={() => onShow(line)}
      className="log-context"
    >
      <ScanEye aria-hidden />
    </button>
  );
}
