package io.weir.query.cache;

import io.weir.query.result.RowLimit;
import org.jspecify.annotations.Nullable;

/** Where one answer comes from, known before its first byte is there. Thread-safe. */
public final class AnswerSource {

    private volatile Kind kind = Kind.BYPASS;
    private volatile @Nullable CachedResult result;
    private volatile @Nullable String key;

    /** The kinds of sources. */
    public enum Kind {
        /** A result that was there, or that an equal query has just made. */
        HIT,
        /** A run whose result may be kept. */
        MISS,
        /** A run of its own. */
        BYPASS
    }

    void hit(CacheSubject subject, CachedResult found) {
        result = found;
        key = subject.id();
        kind = Kind.HIT;
    }

    void miss(@Nullable CacheSubject subject) {
        key = subject == null ? null : subject.id();
        kind = Kind.MISS;
    }

    void bypass() {
        kind = Kind.BYPASS;
    }

    /** What kind of source it is. */
    public Kind kind() {
        return kind;
    }

    /** The id by which the answer can be forgotten; null when nothing can be kept of it. */
    public @Nullable String key() {
        return kind == Kind.BYPASS ? null : key;
    }

    /** Rows of the answer so far. */
    public long rows(RowLimit limit) {
        CachedResult found = result;
        return found == null ? limit.rows() : found.rows();
    }

    /** Whether rows were cut off. */
    public boolean truncated(RowLimit limit) {
        CachedResult found = result;
        return found == null ? limit.truncated() : found.truncated();
    }
}
