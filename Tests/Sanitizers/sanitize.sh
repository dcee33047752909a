#!/usr/bin/env bash
# What `make sanitize` runs: the suite under AddressSanitizer with leak detection, then under ThreadSanitizer. Ends with 1 where
# a test fails, or where either has anything to report, of the tests' own process or of a program that they have run.
set -uo pipefail
cd "$(dirname "$0")/../.."

symbolizer=$(dirname "$(readlink -f "$(command -v swift)")")/llvm-symbolizer
failures=()
# A crash is the sanitizer's to tell of, and Swift's own account of it can hang.
export SWIFT_BACKTRACE=enable=no

build() {
    sanitizer=$1 folder=$PWD/$2
    # A process tells in a file of its own, since a program's errors are a test's to read.
    options=log_path=$folder/reports/report:external_symbolizer_path=$symbolizer
    rm -rf "$folder/reports"
    mkdir -p "$folder/reports"
    swift build --build-tests --sanitize "$sanitizer" --scratch-path "$folder" || failures+=("$sanitizer: the build")
}

# One test after another: all at once they are too slow for their time limits. None of them is XCTest's, whose run would leak.
run() {
    swift test --skip-build --sanitize "$sanitizer" --scratch-path "$folder" --no-parallel --disable-xctest \
        || failures+=("$sanitizer: the tests")
}

collect() {
    local report
    for report in "$folder"/reports/*; do
        [ -e "$report" ] || continue
        cat "$report"
        failures+=("$report")
    done
}

build address .build-asan
leaks=suppressions=$PWD/Tests/Sanitizers/leaks.txt:print_suppressions=0
export PROGRAM_ASAN_OPTIONS=$options:detect_leaks=1
export PROGRAM_LSAN_OPTIONS=$leaks
ASAN_OPTIONS=$options:detect_leaks=1 LSAN_OPTIONS=$leaks run
collect

build thread .build-tsan
export PROGRAM_TSAN_OPTIONS=$options
TSAN_OPTIONS=$options run
collect

if [ ${#failures[@]} -gt 0 ]; then
    printf 'failed: %s\n' "${failures[@]}"
    exit 1
fi
echo "AddressSanitizer, LeakSanitizer and ThreadSanitizer have nothing to report"
