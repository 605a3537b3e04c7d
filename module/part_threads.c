// SPDX-License-Identifier: GPL-2.0-only
/*
 * The threads that share an address space, those of other processes included.
 *
 * The scan goes through the numbers of the opener's pid namespace, which ascend.
 * So no thread that ends, executes a program or starts another one can make the
 * scan repeat or miss a third, and between two slices only a number is kept. A
 * list of the threads of one process would need a thread to resume at, which may
 * be gone by then, and lacks those of other processes.
 */
#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/mm_types.h>
#include <linux/pid.h>
#include <linux/ptrace.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/string.h>

#include "compat/task.h"
#include "part.h"
#include "record.h"
#include "thread.h"

/* A slice is one RCU section. In instructions, rounded up. */
#define SLICE_BUDGET	100000
#define COST_PID	300
#define COST_THREAD	1500

/* Where the next slice resumes. */
struct scan {
	int nr;
};

/* How often a thread was taken off a CPU. */
static unsigned long switches(const struct task_struct *task)
{
	return mmscope_racy(task->nvcsw + task->nivcsw);
}

/* Return: bytes in use, 0 if the stack pointer is not in the stack. */
static u32 kernel_stack_used(struct task_struct *task)
{
	unsigned long end = (unsigned long)task_stack_page(task) + THREAD_SIZE;
	unsigned long used = end - mmscope_thread_kernel_sp(task);

	return used <= THREAD_SIZE ? used : 0;
}

/* What a worker has there is left from the thread that started it. */
static void fill_user_registers(struct mmscope_thread *rec,
				struct task_struct *task)
{
	struct pt_regs *regs = task_pt_regs(task);

	if (rec->flags & MMSCOPE_THREAD_WORKER)
		return;
	rec->sp = mmscope_racy(user_stack_pointer(regs));
	rec->ip = mmscope_racy(instruction_pointer(regs));
	rec->tls = mmscope_thread_tls(task);
	if (mmscope_thread_is_32bit(task))
		rec->flags |= MMSCOPE_THREAD_32BIT;
}

/*
 * The registers of a thread change while it is on a CPU. They are of one moment if
 * it was on none before and after, and was not taken off one in between.
 */
static void fill_registers(struct mmscope_thread *rec, struct task_struct *task)
{
	unsigned long before = switches(task);
	bool on_cpu;
	u32 used;

	smp_rmb();	/* as below: the count before all else */
	on_cpu = mmscope_on_cpu(task);
	fill_user_registers(rec, task);
	used = kernel_stack_used(task);

	smp_rmb();	/* pairs with the barriers of a switch to the thread */
	if (!on_cpu && !mmscope_on_cpu(task) && switches(task) == before) {
		rec->flags |= MMSCOPE_THREAD_CURRENT;
		rec->kernel_used = used;
	} else if (task == current) {
		/* It entered the kernel to read this. */
		rec->flags |= MMSCOPE_THREAD_CURRENT;
	}
}

/* Fields that the thread itself sets without a lock. */
static void fill_stacks(struct mmscope_thread *rec, struct task_struct *task)
{
	rec->altstack_start = mmscope_racy(task->sas_ss_sp);
	rec->altstack_size = mmscope_racy(task->sas_ss_size);
	rec->altstack_flags = mmscope_racy(task->sas_ss_flags);
	rec->shadow_start = mmscope_racy(mmscope_shadow_start(task));
	rec->shadow_size = mmscope_racy(mmscope_shadow_size(task));
}

/*
 * With its lock held, a task keeps its mm, and has not begun to give up its kernel
 * stack. Return: false if the record does not fit.
 */
static bool record_locked(struct mmscope_job *job, struct task_struct *task,
			  int tid)
{
	struct mmscope_thread *rec;

	rec = mmscope_record(&job->buf, MMSCOPE_REC_THREAD, sizeof(*rec), 0);
	if (!rec)
		return false;
	rec->tid = tid;
	rec->tgid = task_tgid_nr_ns(task, ns_of_pid(job->target.opener));
	if (mmscope_racy(task->flags) & PF_USER_WORKER)
		rec->flags |= MMSCOPE_THREAD_WORKER;
	rec->start_ns = mmscope_racy(task->start_boottime);
	fill_registers(rec, task);
	fill_stacks(rec, task);
	rec->kernel_size = THREAD_SIZE;
	if (job->target.flags & MMSCOPE_TASK_ADDRESSES)
		rec->kernel_stack = (unsigned long)task_stack_page(task);
	rec->state = mmscope_racy(task_state_to_char(task));
	/* Newer kernels change the name without a lock. */
	mmscope_racy(strscpy(rec->comm, task->comm, sizeof(rec->comm)));
	job->sum.threads++;
	return true;
}

/* Kernel threads only borrow an mm. */
static bool shares(const struct mmscope_job *job,
		   const struct task_struct *task)
{
	return mmscope_racy(task->mm) == job->target.mm &&
	       !(mmscope_racy(task->flags) & PF_KTHREAD);
}

static bool record_thread(struct mmscope_job *job, struct task_struct *task,
			  int tid)
{
	bool room = true;

	task_lock(task);
	if (shares(job, task))
		room = record_locked(job, task, tid);
	task_unlock(task);
	return room;
}

/* Return: true at the end of the namespace. */
static bool scan_some(struct mmscope_job *job, struct scan *scan)
{
	struct pid_namespace *ns = ns_of_pid(job->target.opener);
	long budget = SLICE_BUDGET;
	struct task_struct *task;
	struct pid *pid;

	while ((pid = mmscope_next_pid(ns, &scan->nr))) {
		if (budget <= 0)
			return false;
		budget -= COST_PID;
		task = pid_task(pid, PIDTYPE_PID);
		if (task && shares(job, task)) {
			if (!record_thread(job, task, scan->nr))
				return false;
			budget -= COST_THREAD;
		}
		scan->nr++;
	}
	return true;
}

static void threads_start(struct mmscope_job *job)
{
	struct scan *scan = job->state;

	scan->nr = 1;
	job->sum.threads = 0;
}

/* Reads nothing of the address space but the number of its users. */
static int threads_slice(struct mmscope_job *job)
{
	bool done;

	rcu_read_lock();
	done = scan_some(job, job->state);
	rcu_read_unlock();
	if (!atomic_read(&job->target.mm->mm_users))
		return -ESRCH;
	return done ? MMSCOPE_DONE : MMSCOPE_MORE;
}

#define THREAD_COLUMNS							\
	"#    tid    tgid state regs  sp           ip           tls          "	\
	"altstack                  shadow                    "		\
	"kernel_stack      size  used name\n"

const struct mmscope_part mmscope_part_threads = {
	.parts = MMSCOPE_PART_THREADS,
	.state_size = sizeof(struct scan),
	.columns = THREAD_COLUMNS,
	.start = threads_start,
	.slice = threads_slice,
};
