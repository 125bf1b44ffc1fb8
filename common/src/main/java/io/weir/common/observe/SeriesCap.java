package io.weir.common.observe;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.config.MeterFilter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Bounds the series of a registry, whatever values labels take: beyond the bound of a name, or of all, a new combination of
 * values counts under the value {@code other} of every label. Thread-safe.
 */
final class SeriesCap implements MeterFilter {

    static final String OTHER = "other";

    private final int perName;
    private final int all;
    private final Map<String, Set<List<Tag>>> byName = new ConcurrentHashMap<>();
    private final LongAdder size = new LongAdder();
    private final LongAdder refused = new LongAdder();

    SeriesCap(int perName, int all) {
        this.perName = perName;
        this.all = all;
    }

    @Override
    public Meter.Id map(Meter.Id id) {
        List<Tag> tags = id.getTags();
        Set<List<Tag>> known = byName.computeIfAbsent(id.getName(), name -> ConcurrentHashMap.newKeySet());
        if (known.contains(tags)) {
            return id;
        }
        synchronized (known) {
            if (tags.isEmpty() || (known.size() < perName && size.sum() < all)) {
                if (known.add(tags)) {
                    size.increment();
                }
                return id;
            }
        }
        refused.increment();
        return id.replaceTags(
                tags.stream().map(tag -> Tag.of(tag.getKey(), OTHER)).toList());
    }

    /** A series is gone, and makes room for another. */
    void removed(Meter.Id id) {
        Set<List<Tag>> known = byName.get(id.getName());
        if (known != null) {
            synchronized (known) {
                if (known.remove(id.getTags())) {
                    size.decrement();
                }
            }
        }
    }

    /** Series that are let through. */
    long size() {
        return size.sum();
    }

    /** Series that were not, each time. */
    long refused() {
        return refused.sum();
    }
}
