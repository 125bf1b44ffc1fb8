package io.weir.query.plan;

import org.jspecify.annotations.Nullable;

/**
 * A measurement as a statement names it.
 *
 * @param database database it is qualified with, or null for the request's
 * @param name measurement name as written
 * @param hasAlias whether the statement gives it another name
 * @param startByte where the name starts in the statement's UTF-8, or -1 when the parser does not say
 */
public record TableReference(@Nullable String database, String name, boolean hasAlias, int startByte) {

    /** The name as written, for messages. */
    public String display() {
        return database == null ? name : database + "." + name;
    }
}
