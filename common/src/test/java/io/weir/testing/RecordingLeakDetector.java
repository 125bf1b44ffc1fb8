package io.weir.testing;

import io.netty.util.ResourceLeakDetector;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A Netty leak detector that remembers what leaked, so that {@link LeakExtension} can fail the test run. Netty makes one
 * for each kind of resource because {@code io.netty.customResourceLeakDetector} names this class.
 *
 * @param <T> kind of resource
 */
public final class RecordingLeakDetector<T> extends ResourceLeakDetector<T> {

    private static final List<String> LEAKS = new CopyOnWriteArrayList<>();

    /** Constructor Netty looks for. */
    public RecordingLeakDetector(Class<?> resourceType, int samplingInterval) {
        super(resourceType, samplingInterval);
    }

    /** Constructor Netty looks for in older callers. */
    public RecordingLeakDetector(Class<?> resourceType, int samplingInterval, long maxActive) {
        super(resourceType, samplingInterval);
    }

    @Override
    protected boolean needReport() {
        return true;
    }

    @Override
    protected void reportTracedLeak(String resourceType, String records) {
        LEAKS.add("LEAK: " + resourceType + " was not released before it was collected." + records);
    }

    @Override
    protected void reportUntracedLeak(String resourceType) {
        LEAKS.add("LEAK: " + resourceType + " was not released before it was collected.");
    }

    /** What leaked so far; empties the list. */
    static List<String> drain() {
        List<String> seen = List.copyOf(LEAKS);
        LEAKS.removeAll(seen);
        return seen;
    }
}
