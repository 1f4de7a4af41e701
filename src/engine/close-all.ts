/** Lets go of several things of which none may be left because another does not go. */

/** Takes the steps one after the other, whatever fails, and throws the first error when all are taken. */
export async function closeAll(steps: readonly (() => unknown)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}
