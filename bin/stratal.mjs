#!/usr/bin/env node
// Starts the `stratal` command: the built one, or in a clone one bundled from the sources when they are newer.
import { pathToFileURL } from 'node:url';
import { bundleCommand, findCheck, isBuilt } from './bundle.mjs';

const path = isBuilt() ?? (await bundleCommand());
const { main } = await import(pathToFileURL(path).href);
await main(process.argv.slice(2), { findCheck });
