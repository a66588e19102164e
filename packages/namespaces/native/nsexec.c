/*
 * nsexec: runs a program, a list of system calls prepared by somebody else, and decides nothing itself.
 *
 * It exists because after clone(2) the child of a process with threads may run almost nothing: no V8, no malloc. So
 * it is a program of its own, static and without a C library, that is cheap to start and has nothing in its memory
 * that a container could want. The format of the program is that of @nsinit/syscall's src/program/format.ts.
 *
 *   nsexec FD        maps the program that the descriptor FD holds, checks it and runs it
 *   nsexec FD check  only checks it
 */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef int s32;
typedef long s64;

#define MAGIC 0x5845534eu
#define REPORT_MAGIC 0x5245534eu
#define VERSION 1
#define BASE 0x2000000000ul
#define MAX_SIZE (16u << 20)
#define MAX_RETRIES 128
#define NO_PLACE 0xffffffffu
#define ANY_ERRNO 0xffff
#define MAX_DETAIL 512
#define MAX_ERRNO 4095

enum { EXIT_BAD_PROGRAM = 252, EXIT_NO_PROGRAM = 253, EXIT_FAILED = 254 };
enum { KIND_IMMEDIATE, KIND_ADDRESS, KIND_LOAD64, KIND_LOADS32, KIND_LOADU32 };
enum { OP_JUMP = 0xf0000000u, OP_BRANCH, OP_ASSIGN, OP_FAIL, OP_END };
enum { CMP_EQ, CMP_NE, CMP_LT, CMP_GE };

struct header {
	u32 magic, version, machine, instructions, data_offset, data_size;
	s32 report_fd;
	u32 total_size;
	struct failure {
		u32 magic, instruction;
		s32 error;
		u32 unused;
		s64 value;
	} failure;
	u8 reserved[8];
};

struct instruction {
	u32 nr;
	u32 kinds; /* four bits for each argument; bit 24: the result is four bytes */
	u64 args[6];
	u32 result;
	u32 next;
	struct { u16 error, target; } handlers[4];
};

_Static_assert(sizeof(struct header) == 64, "header");
_Static_assert(sizeof(struct instruction) == 80, "instruction");

struct report {
	u32 magic, instruction;
	s32 error;
	u32 detail_size;
	s64 value;
	u8 detail[MAX_DETAIL];
};

#if defined(__x86_64__)
#define MACHINE 62
enum { NR_read = 0, NR_fstat = 5, NR_mmap = 9, NR_sendto = 44, NR_exit_group = 231 };
#define STAT_SIZE_OFFSET 48

static s64 call(u64 nr, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f)
{
	s64 result;
	register u64 r10 __asm__("r10") = d;
	register u64 r8 __asm__("r8") = e;
	register u64 r9 __asm__("r9") = f;
	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

__asm__(".globl _start\n_start:\n"
	"	xor %ebp, %ebp\n"
	"	mov %rsp, %rdi\n"
	"	and $-16, %rsp\n"
	"	call start\n");
#elif defined(__aarch64__)
#define MACHINE 183
enum { NR_read = 63, NR_fstat = 80, NR_mmap = 222, NR_sendto = 206, NR_exit_group = 94 };
#define STAT_SIZE_OFFSET 48

static s64 call(u64 nr, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f)
{
	register u64 x8 __asm__("x8") = nr;
	register u64 x0 __asm__("x0") = a;
	register u64 x1 __asm__("x1") = b;
	register u64 x2 __asm__("x2") = c;
	register u64 x3 __asm__("x3") = d;
	register u64 x4 __asm__("x4") = e;
	register u64 x5 __asm__("x5") = f;
	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
	return (s64)x0;
}

__asm__(".globl _start\n_start:\n"
	"	mov x29, #0\n"
	"	mov x30, #0\n"
	"	mov x0, sp\n"
	"	bl start\n");
#else
#error "nsexec knows x86-64 and arm64"
#endif

static u8 *data;
static struct header *header;
/* The header as the starter sees it, too: a failed step is written there, whatever a filter of system calls says. */
static struct header *shared;
static struct instruction *code;

__attribute__((noreturn)) static void leave(u64 status)
{
	call(NR_exit_group, status, 0, 0, 0, 0, 0);
	/* A filter has made it fail. */
	for (;;)
		__builtin_trap();
}

/* Whether size bytes at offset lie in the data; written so that nothing can overflow. */
static int inside(u64 offset, u64 size)
{
	return size <= header->data_size && offset <= header->data_size - size;
}

static int kind_of(const struct instruction *i, int arg)
{
	return (i->kinds >> (arg * 4)) & 15;
}

static int argument_is_sound(const struct instruction *i, int arg)
{
	u64 value = i->args[arg];

	switch (kind_of(i, arg)) {
	case KIND_IMMEDIATE:
		return 1;
	case KIND_ADDRESS:
		return inside(value, 0);
	case KIND_LOAD64:
		return inside(value, 8) && value % 8 == 0;
	case KIND_LOADS32:
	case KIND_LOADU32:
		return inside(value, 4) && value % 4 == 0;
	}
	return 0;
}

static int instruction_is_sound(u32 at)
{
	const struct instruction *i = &code[at];
	u32 width = i->kinds >> 24 & 1 ? 4 : 8;
	int n;

	if (i->kinds >> 25 || (i->nr >= OP_END) || (i->nr < OP_JUMP && i->nr > 0xffff))
		return 0;
	for (n = 0; n < 6; n++)
		if (!argument_is_sound(i, n))
			return 0;
	if (i->result != NO_PLACE && (!inside(i->result, width) || i->result % 4))
		return 0;
	/* Programs only go forward, so that each one ends. */
	if (i->next != NO_PLACE && (i->next <= at || i->next > header->instructions))
		return 0;
	if ((i->nr == OP_JUMP || i->nr == OP_BRANCH) && i->next == NO_PLACE)
		return 0;
	if (i->nr == OP_BRANCH && (kind_of(i, 2) != KIND_IMMEDIATE || i->args[2] > CMP_GE))
		return 0;
	if (i->nr == OP_ASSIGN && i->result == NO_PLACE)
		return 0;
	if (i->nr == OP_FAIL && (kind_of(i, 3) != KIND_IMMEDIATE || i->args[3] > MAX_DETAIL ||
				 (i->args[3] && (kind_of(i, 2) != KIND_ADDRESS || !inside(i->args[2], i->args[3])))))
		return 0;
	for (n = 0; n < 4; n++)
		if (i->handlers[n].error && (i->handlers[n].target < at || i->handlers[n].target > header->instructions))
			return 0;
	return 1;
}

static int program_is_sound(u64 size)
{
	u64 code_end = sizeof(*header) + (u64)header->instructions * sizeof(*code);
	u32 at;

	if (header->magic != MAGIC || header->version != VERSION || header->machine != MACHINE)
		return 0;
	if (header->total_size != size || header->instructions > 0xfffe)
		return 0;
	if (header->data_offset < code_end || header->data_offset % 16 || header->data_offset > size ||
	    header->data_size > size - header->data_offset)
		return 0;
	for (at = 0; at < header->instructions; at++)
		if (!instruction_is_sound(at))
			return 0;
	return 1;
}

static u64 value_of(const struct instruction *i, int arg)
{
	u64 value = i->args[arg];

	switch (kind_of(i, arg)) {
	case KIND_ADDRESS:
		return (u64)(data + value);
	case KIND_LOAD64:
		return *(u64 *)(data + value);
	case KIND_LOADS32:
		return (u64)(s64)*(s32 *)(data + value);
	case KIND_LOADU32:
		return *(u32 *)(data + value);
	}
	return value;
}

static void store(const struct instruction *i, u64 value)
{
	if (i->result == NO_PLACE)
		return;
	if (i->kinds >> 24 & 1)
		*(u32 *)(data + i->result) = (u32)value;
	else {
		/* Two halves: a result may lie at any multiple of four. */
		*(u32 *)(data + i->result) = (u32)value;
		*(u32 *)(data + i->result + 4) = (u32)(value >> 32);
	}
}

/*
 * Tells the reader which step failed, then waits for it to close its end: until then this process stands still, so
 * that the reader can look at what it saw (its mounts, its root) and explain the error.
 */
__attribute__((noreturn)) static void fail(u32 instruction, s32 error, s64 value, const u8 *detail, u32 size)
{
	static struct report report;
	u32 n;

	if (shared) {
		shared->failure.instruction = instruction;
		shared->failure.error = error;
		shared->failure.value = value;
		((volatile struct failure *)&shared->failure)->magic = REPORT_MAGIC;
	}
	if (header->report_fd < 0)
		leave(EXIT_FAILED);
	report.magic = REPORT_MAGIC;
	report.instruction = instruction;
	report.error = error;
	report.value = value;
	report.detail_size = size;
	for (n = 0; n < size; n++)
		((volatile u8 *)report.detail)[n] = detail[n];
	/* Of what was not sent nobody knows, and nobody would end the wait. */
	if (call(NR_sendto, (u64)header->report_fd, (u64)&report, sizeof(report) - MAX_DETAIL + size, 0x4000 /* MSG_NOSIGNAL */, 0, 0) < 0)
		leave(EXIT_FAILED);
	while (call(NR_read, (u64)header->report_fd, (u64)&report, sizeof(report), 0, 0, 0) > 0)
		;
	leave(EXIT_FAILED);
}

static int holds(const struct instruction *i)
{
	u64 value = value_of(i, 0) & value_of(i, 1);
	u64 against = value_of(i, 3);

	switch (i->args[2]) {
	case CMP_EQ:
		return value == against;
	case CMP_NE:
		return value != against;
	case CMP_LT:
		return value < against;
	}
	return value >= against;
}

/* The target for an error, or NO_PLACE when no handler names it. */
static u32 handler_for(const struct instruction *i, u32 error)
{
	int n;

	for (n = 0; n < 4; n++)
		if (i->handlers[n].error && (i->handlers[n].error == ANY_ERRNO || i->handlers[n].error == error))
			return i->handlers[n].target;
	return NO_PLACE;
}

static void run(void)
{
	u32 at = 0, last_failure = 0, last_error = 0, tries = 0;

	while (at < header->instructions) {
		const struct instruction *i = &code[at];
		u32 target;
		s64 result;

		switch (i->nr) {
		case OP_JUMP:
			at = i->next;
			continue;
		case OP_BRANCH:
			at = holds(i) ? i->next : at + 1;
			continue;
		case OP_ASSIGN:
			store(i, value_of(i, 0));
			at++;
			continue;
		case OP_FAIL: {
			u32 error = (u32)value_of(i, 0);
			u32 place = error || !last_error ? at : last_failure;

			fail(place, (s32)(error ? error : last_error), (s64)value_of(i, 1), (const u8 *)value_of(i, 2),
			     (u32)i->args[3]);
		}
		}
		result = call(i->nr, value_of(i, 0), value_of(i, 1), value_of(i, 2), value_of(i, 3), value_of(i, 4),
			      value_of(i, 5));
		store(i, (u64)result);
		if (result >= 0 || result < -MAX_ERRNO) {
			at = i->next == NO_PLACE ? at + 1 : i->next;
			tries = 0;
			continue;
		}
		target = handler_for(i, (u32)-result);
		if (target == NO_PLACE || (target == at && ++tries > MAX_RETRIES))
			fail(at, (s32)-result, 0, 0, 0);
		if (target != at) {
			/* Going on is to ignore the error; a jump is to deal with it, and may end in a report of it. */
			if (target != at + 1 || i->next != NO_PLACE) {
				last_failure = at;
				last_error = (u32)-result;
			}
			tries = 0;
		}
		at = target;
	}
}

static int parse_fd(const char *text, u64 *fd)
{
	u64 value = 0;

	if (!*text)
		return 0;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || value > 0x7ffffff)
			return 0;
		value = value * 10 + (u64)(*text - '0');
	}
	*fd = value;
	return 1;
}

__attribute__((noreturn, used)) void start(const u64 *stack)
{
	const char *const *argv = (const char *const *)(stack + 1);
	u64 stat[32], fd, size;
	s64 mapped;

	if (stack[0] < 2 || stack[0] > 3 || !parse_fd(argv[1], &fd))
		leave(EXIT_NO_PROGRAM);
	if (call(NR_fstat, fd, (u64)stat, 0, 0, 0, 0) < 0)
		leave(EXIT_NO_PROGRAM);
	size = stat[STAT_SIZE_OFFSET / 8];
	if (size < sizeof(*header) || size > MAX_SIZE)
		leave(EXIT_BAD_PROGRAM);
	/* PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED_NOREPLACE: after clone each process has its own cells. */
	mapped = call(NR_mmap, BASE, size, 3, 0x100002, fd, 0);
	if (mapped != (s64)BASE)
		leave(EXIT_NO_PROGRAM);
	header = (struct header *)BASE;
	code = (struct instruction *)(header + 1);
	if (!program_is_sound(size))
		leave(EXIT_BAD_PROGRAM);
	data = (u8 *)BASE + header->data_offset;
	if (stack[0] == 3)
		leave(0);
	/* PROT_READ|PROT_WRITE, MAP_SHARED; a program that cannot be written to is run all the same. */
	mapped = call(NR_mmap, 0, sizeof(*header), 3, 1, fd, 0);
	if (mapped > 0)
		shared = (struct header *)mapped;
	run();
	leave(0);
}
