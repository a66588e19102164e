import { describe } from 'vitest';
import { limitTests } from './limits.ts';

describe('limits kept by the files alone', () => limitTests('cgroupfs', 'build'));
describe('limits kept by systemd', () => limitTests('systemd', 'build'));
