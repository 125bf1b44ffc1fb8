package io.weir.query.cache;

import io.weir.common.model.Names;
import io.weir.query.result.ResultFormat;
import io.weir.query.result.compress.ResultCompression;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * A query whose result is made before it is asked for.
 *
 * @param name what to call it in logs
 * @param organisation default {@code default}; whose query it is
 * @param db default {@code default}; its database
 * @param sql its statement
 * @param format default json; the format it is asked in
 * @param compression default gzip; the compression it is asked in, one of none, gzip and zstd
 */
public record WarmQuery(
        String name,
        @DefaultValue(Names.DEFAULT_ORGANISATION) String organisation,
        @DefaultValue(Names.DEFAULT_DATABASE) String db,
        String sql,
        @DefaultValue("json") ResultFormat format,
        @DefaultValue("gzip") ResultCompression compression) {

    public WarmQuery {
        require("name", name);
        require("sql", sql);
    }

    private static void require(String member, @Nullable String value) {
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException(
                    "weir.query.cache.warm has a query whose " + member + " is missing or empty");
        }
    }
}
