import { beforeAll, describe, expect, it } from 'vitest';
import { Criu } from './index.ts';
import { realCriu } from './testing/real-criu.ts';
import { runs, Scene, until } from './testing/target.ts';

describe('criu', () => {
  let criu: Criu;
  beforeAll(() => {
    criu = new Criu({ path: realCriu() });
  });

  it('tells its version and that the kernel will do', async () => {
    expect((await criu.version()).major).toBeGreaterThanOrEqual(3);
    await criu.check();
    console.log(await criu.features());
  });

  it('dumps and restores a sleep in its own pid namespace', async () => {
    using scene = new Scene();
    const pid = await scene.start(['sleep', '1000']);
    const imagesDirectory = scene.images();
    const dumped = await criu.dump({ pid, imagesDirectory }).result();
    console.log(dumped);
    expect(runs(pid)).toBe(false);
    const restored = await criu.restore({ imagesDirectory }).result();
    console.log(restored);
    scene.adopt(restored.pid);
    expect(runs(restored.pid)).toBe(true);
  });
});
