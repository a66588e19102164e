import { createManager } from '../create.ts';
import { testsOfWhatIsFelt } from '../testing/felt.ts';
import { testName } from '../testing/host.ts';

testsOfWhatIsFelt(async (resources) => {
  const manager = await createManager({ driver: 'systemd', name: testName(), resources });
  return Object.assign(manager, {
    [Symbol.asyncDispose]: async () => {
      await manager.thaw();
      await manager.kill();
      await manager.destroy();
    },
  });
});
