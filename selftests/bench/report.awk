# SPDX-License-Identifier: GPL-2.0-only
#
# Makes tables of the lines that the guest printed (cases.h). Each table has a
# line of names, and tabs between its columns:
#
#   case peer peer_insns mmscope_insns ratio goal peer_bytes mmscope_bytes
#   case size entries runs mmscope_insns per_entry per_more bytes holds longest
#   case base_insns mmscope_insns ratio		with a base: a case and its size
#
# Entries are those of page tables, pages, or VMAs. per_entry is the whole cost
# divided by their number; per_more is the cost of each entry that the size before
# does not have, so that it leaves out the fixed cost of a query.
#
# The ratio to the base is "new" for a case that only this tree has, and "gone" for
# one that only the base has. The worst mmap() delay is a maximum, so it is not
# compared with a base.
#
# The last lines list the goals that were missed and end with their number. Exit
# status 0 means that none was.
#
#   -v goals=FILE   rows of: case, peer, goal, goal elsewhere, since
#   -v series=N     "6.12"
#   -v some=1       only some cases were measured
#   -v base=FILE    what the guest printed for an older module
#   -v reader=N     bytes of the stripped reader, if its size is judged

BEGIN {
	FS = OFS = "\t"
	limit = 200000
	reader_limit = 264752	# bytes
	flat = 0.05
	slower = 1.02
	noise = 1000	# an interrupt
	run_cost = 400	# of a run of huge pages
	while ((getline line < goals) > 0)
		take_goal(line)
	while (base && (getline line < base) > 0)
		take_base(line)
}

function take_goal(line,	field)
{
	sub(/#.*/, "", line)
	if (split(line, field, " ") != 5)
		return
	goal[field[1], field[2]] = field[series == "6.12" ? 3 : 4]
	if (field[5] == "-" || release(series) >= release(field[5]))
		expected[field[1], field[2]] = 1
}

function release(version,	part)
{
	split(version, part, ".")
	return part[1] * 1000 + part[2]
}

function take_base(line,	field)
{
	if (split(line, field, "\t") < 5 || field[4] != "mmscope")
		return
	before[field[2], field[3]] = field[5]
	before_runs[field[2], field[3]] = field[8]
	before_entries[field[2], field[3]] = field[9]
	old[++olds] = field[2] SUBSEP field[3]
}

$1 != "cost" { next }

$4 != "mmscope" {
	peer[++peers] = $2 SUBSEP $4
	peer_insns[$2, $4] = $5
	peer_bytes[$2, $4] = $6
	next
}

{
	if (!(($2, 1) in insns))
		name[++names] = $2
	insns[$2, $3] = $5
	bytes[$2, $3] = $6
	runs[$2, $3] = $8
	entries[$2, $3] = $9
	holds[$2, $3] = $10
	longest[$2, $3] = $11
	if ($11 > worst)
		worst = $11
	if ($11 > limit)
		miss($2 " " $3 "x: mmap_lock was held for " $11)
}

function miss_unmeasured(	which, part)
{
	for (which in expected) {
		split(which, part, SUBSEP)
		miss(part[1] " against " part[2] ": not measured")
	}
}

function miss(what)
{
	missed[++misses] = what
}

# Prints a row of the first table and checks its goal.
function compare(which, who, theirs, ours, their_bytes, our_bytes,	ratio, wanted)
{
	delete expected[which, who]
	ratio = ours ? theirs / ours : 0
	wanted = (which, who) in goal ? goal[which, who] : "-"
	print which, who, theirs, ours, sprintf("%.2f", ratio), wanted,
		their_bytes, our_bytes
	if (wanted != "-" && ratio < wanted)
		miss(sprintf("%s against %s: %.2f, not %s", which, who, ratio,
			wanted))
}

function print_peers(	i, part)
{
	print "case", "peer", "peer_insns", "mmscope_insns", "ratio", "goal",
		"peer_bytes", "mmscope_bytes"
	for (i = 1; i <= peers; i++) {
		split(peer[i], part, SUBSEP)
		compare(part[1], part[2], peer_insns[peer[i]],
			insns[part[1], 1], peer_bytes[peer[i]],
			bytes[part[1], 1])
	}
	if (worst)
		compare("hold", "limit", limit, worst, 0, 0)
	if (reader)
		compare("reader", "limit", reader_limit, reader, 0, 0)
	else
		delete expected["reader", "limit"]
}

# The cost of each entry that the smaller case does not have.
function per_more(which, size, smaller,	more)
{
	more = entries[which, size] - entries[which, smaller]
	return more ? (insns[which, size] - insns[which, smaller]) / more : 0
}

function per_entry(which, size)
{
	return insns[which, size] / entries[which, size]
}

# Are there as many runs for an entry as in the smaller cases? A run costs more
# than an entry, and the kernel chooses the frames.
function alike(which,	small, large)
{
	small = (runs[which, 4] - runs[which, 1]) / (entries[which, 4] - entries[which, 1])
	large = (runs[which, 16] - runs[which, 4]) / (entries[which, 16] - entries[which, 4])
	return small - large < 0.01 && large - small < 0.01
}

function judge_growth(which,	small, large, growth)
{
	growth = per_entry(which, 16) / per_entry(which, 1)
	if (growth > 1 + flat)
		miss(sprintf("%s: an entry costs %.2f times as much at 16x",
			which, growth))
	if (!alike(which)) {
		unlike[which] = 1
		return
	}
	small = per_more(which, 4, 1)
	large = per_more(which, 16, 4)
	growth = small ? large / small : 0
	if (growth > 1 + flat || growth < 1 - flat)
		miss(sprintf("%s: each further entry costs %.1f, then %.1f",
			which, small, large))
}

function print_size(which, size,	more)
{
	more = size > 1 ? sprintf("%.2f", per_more(which, size, size / 4)) : "-"
	print which, size, entries[which, size], runs[which, size],
		insns[which, size], sprintf("%.2f", per_entry(which, size)),
		more, bytes[which, size], holds[which, size],
		longest[which, size]
}

function print_sizes(	i, size)
{
	print "case", "size", "entries", "runs", "mmscope_insns", "per_entry",
		"per_more", "bytes", "holds", "longest"
	for (i = 1; i <= names; i++) {
		for (size = 1; size <= 16; size *= 4)
			if (entries[name[i], size])
				print_size(name[i], size)
		if (entries[name[i], 16])
			judge_growth(name[i])
	}
}

# Some cases read a whole process, which includes the program of the bench: as
# much of it as differs between the trees must not count as a difference in speed.
function same_process(which, size,	ratio)
{
	ratio = entries[which, size] / before_entries[which, size]
	return ratio < 1.005 && ratio > 0.995
}

# The cost of the base, had its frames been in as many runs: the kernel chooses them.
function base_cost(which, size,	more)
{
	more = runs[which, size] - before_runs[which, size]
	return before[which, size] + (more > 0 ? more * run_cost : 0)
}

function print_older(which, size,	ratio, fair)
{
	fair = base_cost(which, size)
	ratio = insns[which, size] / before[which, size]
	print which " " size "x", before[which, size], insns[which, size],
		sprintf("%.3f", ratio)
	if (!same_process(which, size))
		other[which, size] = 1
	else if (insns[which, size] > fair * slower &&
		 insns[which, size] > fair + noise)
		miss(sprintf("%s %sx: %.1f %% slower than the base", which, size,
			(insns[which, size] / fair - 1) * 100))
}

function print_gone(	i, part)
{
	for (i = 1; i <= olds; i++) {
		split(old[i], part, SUBSEP)
		if (!(old[i] in insns))
			print part[1] " " part[2] "x", before[old[i]], "-", "gone"
	}
}

function print_base(	i, size)
{
	print "case", "base_insns", "mmscope_insns", "ratio"
	for (i = 1; i <= names; i++)
		for (size = 1; size <= 16; size *= 4) {
			if (!((name[i], size) in insns) || name[i] == "mmap-delay")
				continue
			if ((name[i], size) in before)
				print_older(name[i], size)
			else
				print name[i] " " size "x", "-",
					insns[name[i], size], "new"
		}
	print_gone()
}

END {
	if (!names) {
		print "nothing was measured"
		exit 1
	}
	print_peers()
	print ""
	print_sizes()
	if (base) {
		print ""
		print_base()
	}
	if (!some)
		miss_unmeasured()
	print ""
	for (i in unlike)
		print "not judged: the cost of a further entry of " i ", for its frames lie in other runs"
	for (i in other) {
		split(i, part, SUBSEP)
		print "not compared with the base: " part[1] " " part[2] "x, " \
			entries[i] " entries instead of " before_entries[i]
	}
	for (i = 1; i <= misses; i++)
		print "missed: " missed[i]
	print misses + 0 " missed"
	exit misses > 0
}
