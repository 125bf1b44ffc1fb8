package io.weir.manifests;

import io.weir.testing.Peers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A control group with a limit of memory, as a container has one; of version 1 or 2, whichever the machine has. Closing removes
 * it, when its processes have ended.
 *
 * @param directory of the group
 * @param limitFile in it
 * @param peakFile in it, the most memory there ever was in use
 */
record MemoryGroup(Path directory, String limitFile, String peakFile) implements AutoCloseable {

    private static final Path ROOT = Path.of("/sys/fs/cgroup");

    /** A group with that limit, or the end of the test when this machine does not let it be made. */
    static MemoryGroup limitedTo(long bytes) {
        boolean second = Files.exists(ROOT.resolve("cgroup.controllers"));
        String name = "weir-image-" + ProcessHandle.current().pid();
        MemoryGroup group = second
                ? new MemoryGroup(ROOT.resolve(name), "memory.max", "memory.peak")
                : new MemoryGroup(
                        ROOT.resolve("memory").resolve(name), "memory.limit_in_bytes", "memory.max_usage_in_bytes");
        try {
            if (second) {
                Files.writeString(ROOT.resolve("cgroup.subtree_control"), "+memory");
            }
            Files.createDirectory(group.directory);
            Files.writeString(group.directory.resolve(group.limitFile), Long.toString(bytes));
        } catch (IOException e) {
            throw Peers.missing("memory-cgroup", e.toString());
        }
        Peers.found("memory-cgroup");
        return group;
    }

    /** A shell command by which the shell and what it becomes are in the group. */
    String join() {
        return "echo $$ > '" + directory.resolve("cgroup.procs") + "'\n";
    }

    /** Most memory that was in use at once, the cache of files included, bytes. */
    long peak() throws IOException {
        return Long.parseLong(Files.readString(directory.resolve(peakFile)).strip());
    }

    @Override
    public void close() throws IOException {
        Files.delete(directory);
    }
}
