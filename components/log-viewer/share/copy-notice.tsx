/** Over the upper edge of the list for some seconds: what was copied of it. */
export function CopyNotice({ text }: { text: string | undefined }) {
  return (
    <p
      role="status"
      className={
        text === undefined
          ? 'sr-only'
          : 'pointer-events-none absolute inset-x-3 top-2 z-10 mx-auto w-fit max-w-full truncate rounded-md bg-fg px-3 py-1.5 text-fg-inverse text-xs shadow-pop'
      }
    >
      {text}
    </p>
  );
}
