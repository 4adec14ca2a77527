# A study on Slurm whose tasks are killed, requeued and left: "$0" is lot, "$@" the study's words.
# Prints what the last command prints; exits with its code, or 99 where something did not happen.
shards=home/studies/s/shards

# Waits up to two minutes for a command.
await() {
    left=1200
    until "$@" >/dev/null 2>&1; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || give_up "$*"
        sleep 0.1
    done
}
give_up() {
    echo "waited in vain for: $1" >&2
    squeue --array --states=all >&2
    tail -n 20 left.err "$shards"/slurm/*.log >&2
    exit 99
}
has_trials() { [ "$(stat -c %s "$shards/shard-$1-of-3.lotshard.part")" -gt 6000 ]; }
is() { [ "$(squeue --noheader --array --states=all --jobs="${job}_$1" --format=%T)" = "$2" ]; }
says() { grep -q "$2" "$shards/slurm/task-$1.log"; }

# Begun; one task is requeued while it runs, another is killed without warning and then requeued.
"$0" "$@" --engine slurm --shards 3 --jobs 1 '--sbatch-arg=--comment=$(touch hacked) `id`' \
    2>left.err >left.out &
lot=$!
trap 'kill "$lot" 2>/dev/null' EXIT
await has_trials 0
await has_trials 1
job=$(tr '\0' '\n' <"$shards/slurm/job" | sed -n 2p)
scontrol requeue "${job}_0"
process=$(grep -lsz -- "^$PWD/$shards\$" /proc/[0-9]*/cmdline | while read -r file; do
    tr '\0' '\n' <"$file" | grep -qx 1/3 && echo "$file" | cut -d/ -f3
done)
tr '\0' '\n' <"/proc/$process/environ" >task.environ
kill -9 "$process" || give_up "the process of task 1"
await is 1 FAILED
scontrol requeue "${job}_1"

# Left with Ctrl-C.
kill -INT "$lot"
wait "$lot"
[ $? = 130 ] || give_up "130 after Ctrl-C"
trap - EXIT
await says 0 "going on behind"
await says 1 "going on behind"
cat "$shards"/slurm/task-0.log >task-0.log

# Back by its number alone, from another folder.
cd /
"$0" optimize --attach "$job" --home "$OLDPWD/home"
