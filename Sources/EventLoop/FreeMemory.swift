import CLinux

/// How the heap gives free memory back to the kernel.
package enum FreeMemory {
    /// Has large blocks, such as the chunks of logs, be mapped one by one, so that each goes back to the kernel when it is freed.
    /// Without this, the first that is freed raises the threshold, and later ones leave holes in the heap.
    ///
    /// Source: mallopt(3).
    package static func mapLargeBlocks() {
        mallopt(M_MMAP_THRESHOLD, 128 << 10)
    }

    /// Gives free pages back now. Takes some milliseconds in a large heap.
    ///
    /// Source: malloc_trim(3).
    package static func release() {
        malloc_trim(0)
    }
}
