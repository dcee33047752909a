#!/usr/bin/env bash
# What `make fuzz` runs: each target for FUZZ_SECONDS, from the corpus in the tree and what earlier runs have found. What it
# finds itself stays below the build folder. Ends with 1 where one has crashed.
set -euo pipefail
cd "$(dirname "$0")/../.."

# Each with the length in bytes of its longest inputs.
targets=(Lines:8192 Commands:1024 Usernames:512 Openings:8192 Handshakes:64 Records:1024)
seconds=${FUZZ_SECONDS:-60}
build=.build-fuzz

# By --sanitize the package manager learns that nobody here brings a main function; but swiftc heeds the last list only. Of
# the linkers only lld has nothing to say.
flags=(-c release --scratch-path $build --sanitize fuzzer -Xswiftc -sanitize=fuzzer,address -Xswiftc -use-ld=lld)
for target in "${targets[@]}"; do
    FUZZ=1 swift build "${flags[@]}" --product "Fuzz${target%:*}"
done

# Swift's own account of a crash stands in the way of libFuzzer's: AddressSanitizer takes it for an error, and it can hang.
export SWIFT_BACKTRACE=enable=no

table=$(printf '%-12s %12s %8s %10s %8s' target executions edges features crashes)
crashes=()
for target in "${targets[@]}"; do
    name=${target%:*}
    found=$build/found/$name
    log=$build/$name.log
    mkdir -p "$found" "$build/crashes"
    crashed=0
    echo "Fuzz$name runs for $seconds seconds"
    # Its slowest inputs take milliseconds, and AddressSanitizer alone half a gigabyte.
    "$build/release/Fuzz$name" -max_total_time="$seconds" -max_len="${target#*:}" -timeout=10 -rss_limit_mb=2048 \
        -dict="Tests/Fuzz/$name/dictionary" -artifact_prefix="$build/crashes/$name-" -print_final_stats=1 \
        "$found" "Tests/Fuzz/$name/Corpus" >"$log" 2>&1 </dev/null || crashed=1
    if [ $crashed = 1 ]; then
        input=$(sed -n 's/.*Test unit written to //p' "$log")
        crashes+=("SWIFT_BACKTRACE=enable=no $build/release/Fuzz$name $input")
        grep -v '^#' "$log" | tail -50
    fi
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    coverage=$(sed -n 's/^#.* cov: \([0-9]*\) ft: \([0-9]*\) .*/\1 \2/p' "$log" | tail -1)
    table+=$(printf '\n%-12s %12s %8s %10s %8s' "$name" "$executions" ${coverage:-0 0} $crashed)
done

echo "$table"
if [ ${#crashes[@]} -gt 0 ]; then
    echo "To see it again:"
    printf '  %s\n' "${crashes[@]}"
    exit 1
fi
