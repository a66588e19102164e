import { testsOfWhatIsFelt } from '../testing/felt.ts';
import { testManager } from '../testing/host.ts';

testsOfWhatIsFelt(async (resources) => testManager(resources));
