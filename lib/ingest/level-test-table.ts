import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Level } from '@/lib/protocol/log-message';
import { detectLevel } from './detect-level';

type Case = [line: string, level: Level];

/** Lines that all have one level. */
export function lines(level: Level, ...texts: string[]): Case[] {
  return texts.map((text) => [text, level]);
}

/** One test per line, named by its rule. */
export function testLevels(tables: Record<string, Case[]>): void {
  for (const [rule, table] of Object.entries(tables)) {
    for (const [line, level] of table) {
      test(`${rule}: ${JSON.stringify(line.slice(0, 80))} is ${level}`, () => {
        assert.equal(detectLevel(line, 'stdout'), level);
      });
    }
  }
}
