import { describeVectorContract } from '../testing/vector-contract.ts';
import { compileKernel } from './kernel.ts';
import { createKernelIndex } from './kernel-index.ts';

const contract = { exact: false, serializes: true, tolerance: 5e-4 };

describeVectorContract('the kernel in Chromium', (dimensions) => createKernelIndex(dimensions), contract);
describeVectorContract(
  'the kernel without SIMD in Chromium',
  async (dimensions) => createKernelIndex(dimensions, { module: await compileKernel('scalar') }),
  contract,
);
