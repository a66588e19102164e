import { describe } from 'vitest';
import { limitTests } from './limits.ts';

describe('limits kept by the files alone', () => limitTests('cgroupfs', 'sources'));
