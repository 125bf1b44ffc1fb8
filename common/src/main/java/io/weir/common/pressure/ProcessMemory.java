package io.weir.common.pressure;

import com.sun.management.OperatingSystemMXBean;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The memory of this process at one moment, in bytes.
 *
 * @param heapUsed objects, garbage included
 * @param heapLive objects that the latest collections left; 0 before the first
 * @param heapMax most the heap may have
 * @param direct buffers outside of the heap
 * @param directMax most of them
 * @param resident what the operating system counts as this process's; 0 where it does not tell
 * @param limit memory of the container, or of the machine where there is no limit
 */
public record ProcessMemory(
        long heapUsed, long heapLive, long heapMax, long direct, long directMax, long resident, long limit) {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String RESIDENT = "VmRSS:";
    private static final Pattern NOT_DIGITS = Pattern.compile("\\D+");
    private static final long KILO = 1024;

    /** As it is now. Reads a file of the operating system. */
    public static ProcessMemory read() {
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long direct = Math.max(0, PlatformDependent.usedDirectMemory());
        for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            if (pool.getName().equals("direct")) {
                direct += Math.max(0, pool.getMemoryUsed());
            }
        }
        return new ProcessMemory(
                heap.getUsed(),
                Math.min(heap.getUsed(), live()),
                heap.getMax(),
                direct,
                PlatformDependent.maxDirectMemory(),
                residentBytes(),
                system.getTotalMemorySize());
    }

    private static long live() {
        long live = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            MemoryUsage left = pool.getType() == MemoryType.HEAP ? pool.getCollectionUsage() : null;
            live += left == null ? 0 : left.getUsed();
        }
        return live;
    }

    private static long residentBytes() {
        List<String> lines;
        try {
            lines = Files.readAllLines(STATUS);
        } catch (IOException notLinux) {
            return 0;
        }
        return lines.stream()
                .filter(line -> line.startsWith(RESIDENT))
                .mapToLong(line -> Long.parseLong(NOT_DIGITS.matcher(line).replaceAll("")) * KILO)
                .findFirst()
                .orElse(0);
    }

    /** Part of the heap that is alive. */
    public double heapPart() {
        return part(heapLive, heapMax);
    }

    /** Part of the direct memory that is used. */
    public double directPart() {
        return part(direct, directMax);
    }

    /** Part of the container's memory that is used. */
    public double residentPart() {
        return part(resident, limit);
    }

    /** The largest of these parts. */
    public double largestPart() {
        return Math.max(heapPart(), Math.max(directPart(), residentPart()));
    }

    private static double part(long used, long limit) {
        return limit <= 0 ? 0 : (double) used / limit;
    }
}
