const LINES = ['w-2/5', 'w-3/5', 'w-1/3', 'w-1/2', 'w-2/3', 'w-1/4', 'w-3/5', 'w-2/5', 'w-1/2', 'w-1/3'];

/** A run's page while it is on the way: what is known of it, its tasks, and lines. */
export function RunPageSkeleton() {
  return (
    <div role="status" aria-label="Loading the run" className="flex flex-1 animate-pulse flex-col">
      <div className="flex h-[84px] flex-col justify-center gap-3.5 px-3 sm:px-4">
        <div className="h-4 w-56 rounded bg-hover" />
        <div className="flex gap-4">
          <div className="h-3 w-24 rounded bg-hover" />
          <div className="h-3 w-32 rounded bg-hover" />
          <div className="hidden h-3 w-40 rounded bg-hover sm:block" />
        </div>
      </div>
      <div className="flex flex-1 border-t">
        <div className="hidden w-72 shrink-0 flex-col gap-5 border-r p-4 lg:flex">
          {LINES.slice(0, 4).map((width) => (
            <div key={width} className="flex flex-col gap-2">
              <div className={`h-3 rounded bg-hover ${width}`} />
              <div className="h-1 rounded bg-hover" />
            </div>
          ))}
        </div>
        <div className="flex min-w-0 flex-1 flex-col">
          <div className="h-11 border-b" />
          <div className="flex flex-col gap-3 p-4">
            {LINES.map((width, index) => (
              <div key={index} className={`h-2 rounded bg-hover ${width}`} />
            ))}
          </div>
        </div>
      </div>
    </div>
  );
}
