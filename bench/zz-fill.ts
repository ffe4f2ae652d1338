import { makeBodies } from './make-log-lines';
import { postBodies } from './post-bodies';

for (let l = 0; l < 1_000_000; l += 200_000)
  await postBodies('http://localhost:8931/api/v1/job-runs/reading/logs', makeBodies(100, 2000, { firstIndex: l }), 4);
