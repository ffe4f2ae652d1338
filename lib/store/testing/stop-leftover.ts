/**
 * The end of a test run: stops the Postgres that killed test processes have left running. Joining it is enough, since
 * the last process that leaves it stops it, and one that others still use goes on.
 */
import { isTestClusterRunning, joinTestCluster } from './test-cluster';

if (await isTestClusterRunning()) await joinTestCluster();
