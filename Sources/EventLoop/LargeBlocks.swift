import CLinux

/// How the process's heap deals with large blocks, such as the chunks of logs.
package enum LargeBlocks {
    /// Has each be mapped by itself, so that it goes back to the kernel when it is freed. Without this, the first that is freed
    /// raises the threshold, and later ones leave holes in the heap.
    ///
    /// Source: mallopt(3).
    package static func mapEach() {
        mallopt(M_MMAP_THRESHOLD, 128 << 10)
    }
}
