# Shared by the scripts of this folder; to be sourced.

# Where Pacemaker's tools live, which an ordinary user's PATH may lack.
export PATH="$PATH:/usr/sbin:/sbin"

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

# Say what begins; bold on a terminal.
step() {
    if [ -t 1 ]; then printf '\033[1m%s\033[0m\n' "$*"; else printf '%s\n' "$*"; fi
}

# Run a command and show its newest line only (on a terminal), all of them when it fails.
quietly() {
    local log status=0
    log=$(mktemp)
    if [ -t 1 ]; then
        "$@" 2>&1 </dev/null | tee "$log" | while IFS= read -r line; do
            printf '\r\033[K  %.72s' "$line"
        done || status=$?
        printf '\r\033[K'
    else
        "$@" >"$log" 2>&1 </dev/null || status=$?
    fi
    [ "$status" -eq 0 ] || cat "$log" >&2
    rm -f "$log"
    return "$status"
}
