import {
  createParser,
  type inferParserType,
  parseAsArrayOf,
  parseAsBoolean,
  parseAsInteger,
  parseAsNativeArrayOf,
  parseAsNumberLiteral,
  parseAsString,
  parseAsStringLiteral,
} from 'nuqs/server';
import { CONTEXT_CHOICES } from '@/components/log-viewer/find/context-choices';
import type { ViewerFilter } from '@/components/log-viewer/viewer-filter';
import { parseTime } from '@/lib/protocol/filter-parse';
import type { FindState } from '@/lib/protocol/find-term';
import { LEVELS, STREAMS } from '@/lib/protocol/log-message';
import { formatTimestamp } from '@/lib/protocol/timestamp';

/** A time as the API takes it; another text counts as none. */
const parseAsTime = createParser({
  parse: (text) => {
    const us = parseTime(text);
    return us === undefined ? null : formatTimestamp(us);
  },
  serialize: (iso: string) => iso,
});

/** A viewer's filter and its highlighted terms in the address of a run's page. */
export const FILTER_IN_ADDRESS = {
  level: parseAsArrayOf(parseAsStringLiteral(LEVELS)).withDefault([]),
  stream: parseAsArrayOf(parseAsStringLiteral(STREAMS)).withDefault([]),
  task: parseAsArrayOf(parseAsString).withDefault([]),
  attempt: parseAsArrayOf(parseAsInteger).withDefault([]),
  from: parseAsTime,
  to: parseAsTime,
  q: parseAsString.withDefault(''),
  case: parseAsStringLiteral(['1']),
  hl: parseAsNativeArrayOf(parseAsString),
};

/** A viewer's search there. */
export const FIND_IN_ADDRESS = {
  find: parseAsString.withDefault(''),
  findregex: parseAsBoolean.withDefault(false),
  findcase: parseAsBoolean.withDefault(false),
  only: parseAsBoolean.withDefault(false),
  context: parseAsNumberLiteral(CONTEXT_CHOICES).withDefault(0),
};

export function filterOf(state: inferParserType<typeof FILTER_IN_ADDRESS>): ViewerFilter {
  const { level, stream, task, attempt, from, to, q, case: caseMark } = state;
  return {
    levels: level,
    streams: stream,
    tasks: task,
    attempts: attempt.filter((number) => number > 0),
    from: from ?? undefined,
    to: to ?? undefined,
    text: q,
    isCaseSensitive: caseMark !== null,
  };
}

export function findOf(state: inferParserType<typeof FIND_IN_ADDRESS>): FindState {
  return {
    text: state.find,
    isRegex: state.findregex,
    isCaseSensitive: state.findcase,
    isOnly: state.only,
    context: state.context,
  };
}
