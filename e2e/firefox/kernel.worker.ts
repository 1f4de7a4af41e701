import { checkKernel } from './kernel-check.ts';

postMessage(await checkKernel());
