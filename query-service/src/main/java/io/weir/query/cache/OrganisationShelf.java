package io.weir.query.cache;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The keys of one organisation's results, one a question, in the order in which they were last used. Not thread-safe. */
final class OrganisationShelf {

    private final int most;
    private final LinkedHashMap<CacheSubject, CacheKey> keys = new LinkedHashMap<>(16, 0.75f, true);

    OrganisationShelf(int most) {
        this.most = most;
    }

    /** The keys that leave for one that comes. */
    record Leaving(@Nullable CacheKey superseded, List<CacheKey> evicted) {}

    Leaving put(CacheKey key) {
        CacheKey before = keys.put(key.subject(), key);
        List<CacheKey> evicted = new ArrayList<>(1);
        while (keys.size() > most) {
            CacheSubject eldest = keys.keySet().iterator().next();
            evicted.add(Objects.requireNonNull(keys.remove(eldest)));
        }
        return new Leaving(key.equals(before) ? null : before, evicted);
    }

    void used(CacheKey key) {
        keys.computeIfPresent(key.subject(), (subject, same) -> same); // which moves it to the end
    }

    void remove(CacheKey key) {
        keys.remove(key.subject(), key);
    }

    int size() {
        return keys.size();
    }
}
