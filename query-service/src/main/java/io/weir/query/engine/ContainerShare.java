package io.weir.query.engine;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.springframework.util.unit.DataSize;

/** What of a machine or container the query engine takes when nobody says how much. */
final class ContainerShare {

    /** What a server needs beside heap and engine: code, threads, network buffers. */
    private static final long REST = DataSize.ofMegabytes(300).toBytes();

    private static final long LEAST = DataSize.ofMegabytes(64).toBytes();

    private ContainerShare() {}

    /** Bytes for the engine of this process; the virtual machine knows the limits of its container. */
    static long memory() {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return memory(system.getTotalMemorySize(), Runtime.getRuntime().maxMemory());
    }

    /**
     * A quarter of all memory, as long as the heap and the rest leave that much; of less it takes nine tenths.
     *
     * @param total bytes of the machine or container
     * @param heap bytes the heap may grow to
     */
    static long memory(long total, long heap) {
        long left = total - heap - REST;
        return Math.max(LEAST, Math.min(total / 4, left / 10 * 9));
    }

    /** Queries that run at once on so many processors: most of them wait for their readers or for files. */
    static int sessions(int processors) {
        return Math.max(8, 2 * processors);
    }
}
