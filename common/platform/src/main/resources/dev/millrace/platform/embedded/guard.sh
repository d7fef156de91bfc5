# Runs a store for as long as its owner lives.
#
#   sh -c "$(cat guard.sh)" guard SIGNAL SECONDS COMMAND...
#
# The owner holds the other end of our standard input and never writes to it. That end closes when
# the owner says so or dies, however it dies; the store then gets SIGNAL, and after SECONDS KILL.
# A terminal's or service manager's signals are for the owner, which still needs the store.
trap '' HUP INT TERM
signal=$1
seconds=$2
shift 2
exec 3<&0 </dev/null
"$@" 3<&- &
store=$!
(
  while read -r _ <&3; do :; done
  kill -s "$signal" "$store" || exit 0
  while [ "$seconds" -gt 0 ] && kill -s 0 "$store"; do
    sleep 1
    seconds=$((seconds - 1))
  done
  kill -s KILL "$store"
) >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait "$store"
code=$?
kill -s KILL "$watcher" 2>/dev/null
wait "$watcher" 2>/dev/null
exit "$code"
