import { defaultFilter } from 'cmdk';
import type { Action } from './actions';

/** What the palette shows of one group. */
export interface RankedGroup {
  title: string;
  actions: readonly Action[];
  /** 0 to 1: how well the best of them fits what was typed; 1 where nothing was. */
  score: number;
}

export interface RankLimits {
  /** Actions of a group that are shown while nothing is typed. */
  idle: number;
  /** Actions of a group that are shown for a text. */
  found: number;
}

/** Actions that fit less well than this are not shown: their letters lie far apart. */
const SCORE_MIN = 0.1;
/** Found by a keyword or the group's name alone, an action stands below the runs. */
const KEYWORD_WEIGHT = 0.35;
/** Groups that every page has come last while nothing is typed. */
const LAST_GROUPS: readonly string[] = ['Pages', 'Appearance', 'Help'];
/** A group that fits this well stands above the runs. */
export const SCORE_GOOD = 0.4;

/**
 * The actions that fit a text, by group: the best group and the best action first. Without a text all: what the
 * page at hand offers, then what every page does.
 */
export function rankActions(actions: readonly Action[], text: string, limits: RankLimits): RankedGroup[] {
  const wanted = text.trim();
  const groups = new Map<string, Array<{ action: Action; score: number }>>();
  for (const action of actions) {
    const score = wanted === '' ? 1 : scoreOf(action, wanted);
    if (score < SCORE_MIN) continue;
    const group = groups.get(action.group);
    if (group) group.push({ action, score });
    else groups.set(action.group, [{ action, score }]);
  }
  const ranked = [...groups].map(([title, members]) => {
    members.sort((a, b) => b.score - a.score);
    const shown = members.slice(0, wanted === '' ? limits.idle : limits.found);
    return { title, actions: shown.map(({ action }) => action), score: members[0]?.score ?? 0 };
  });
  return ranked.sort((a, b) => b.score - a.score || placeOf(a.title) - placeOf(b.title));
}

function placeOf(group: string): number {
  return LAST_GROUPS.indexOf(group);
}

function scoreOf({ title, group, keywords = [] }: Action, text: string): number {
  const others = [...keywords, group].map((word) => KEYWORD_WEIGHT * defaultFilter(word, text));
  return Math.max(defaultFilter(title, text), ...others);
}

/** Actions that take the typed text, each with its title for it. */
export function actionsFor(actions: readonly Action[], text: string): Array<{ action: Action; title: string }> {
  const wanted = text.trim();
  if (wanted === '') return [];
  return actions.flatMap((action) => {
    if (!action.runWith) return [];
    const title = action.titleWith?.(wanted) ?? (action.id === 'viewer.goto' ? placeTitle(wanted) : undefined);
    return title === undefined ? [] : [{ action, title }];
  });
}

/** `120`, `12,000` or `:120` is a line; `10:30` or `10:30:45.5` a time. */
function placeTitle(text: string): string | undefined {
  const line = /^[:#]?L?(\d{1,15}|\d{1,3}(?:[,_\s’']\d{3})+)$/i.exec(text)?.[1];
  if (line !== undefined) return `Go to line ${Number(line.replace(/\D/g, '')).toLocaleString('en')}`;
  if (/^\d{1,2}:\d{2}(:\d{2}([.,]\d{1,6})?)?$/.test(text) || /^\d{4}-\d{2}-\d{2}([T ]\S+)?$/.test(text)) {
    return `Go to ${text}`;
  }
  return undefined;
}
