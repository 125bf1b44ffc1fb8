package io.weir.storage.catalog;

import io.r2dbc.spi.Readable;
import io.weir.common.model.TimeRange;
import io.weir.common.stats.FileTags;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Mono;

/**
 * Finds the files of a measurement that overlap a range of times, by one search of the index {@code files_by_span} for each
 * class of files, bounded on both sides. Runs in whatever transaction the caller opened.
 */
final class FileSearch {

    private static final int TAGS = 5;

    static final Comparator<DataFile> BY_TIME =
            Comparator.comparingLong(DataFile::minMicros).thenComparing(DataFile::objectKey);

    /** One search for each class: its files that begin in reach of the range, and of these those that reach into it. */
    static final String SQL = sql("", false);

    /** The same with what is known of each file's tags, or null. */
    private static final String SQL_WITH_TAGS = sql("", true);

    private final DatabaseClient client;

    FileSearch(DatabaseClient client) {
        this.client = client;
    }

    /** The statement, each row of which begins with those columns. */
    static String sql(String first, boolean withTags) {
        String column = withTags ? ", t.tags" : "";
        String join = withTags ? " LEFT JOIN file_tags t ON t.object_key = f.object_key" : "";
        return Arrays.stream(FileSpan.values())
                .map(span -> "SELECT " + first + "f.object_key, f.min_micros, f.max_micros, f.row_count, f.size_bytes"
                        + column
                        + " FROM files f" + join + " WHERE f.measurement_id = :id AND f.span_class = " + span.code()
                        + " AND f.min_micros >= :begin" + span.code()
                        + " AND f.min_micros <= :to AND f.max_micros >= :from")
                .collect(Collectors.joining(" UNION ALL "));
    }

    /**
     * The files, in order of their earliest times.
     *
     * @param tags leaves out files by what is known of their tags; null for none
     */
    Mono<List<DataFile>> files(long measurementId, TimeRange range, @Nullable Predicate<FileTags> tags) {
        if (range.isEmpty()) {
            return Mono.just(List.of());
        }
        return bind(client.sql(tags == null ? SQL : SQL_WITH_TAGS), measurementId, range)
                .map(row ->
                        tags == null || mayMatch(row, TAGS, tags) ? List.of(Rows.fileAt(row, 0)) : List.<DataFile>of())
                .all()
                .flatMapIterable(found -> found)
                .collectSortedList(BY_TIME);
    }

    /** Sets the values of a statement that has {@link #sql} in it. */
    static DatabaseClient.GenericExecuteSpec bind(
            DatabaseClient.GenericExecuteSpec statement, long measurementId, TimeRange range) {
        DatabaseClient.GenericExecuteSpec search = statement
                .bind("id", measurementId)
                .bind("from", range.fromMicros())
                .bind("to", range.toMicros());
        for (FileSpan span : FileSpan.values()) {
            search = search.bind("begin" + span.code(), span.earliestBeginning(range.fromMicros()));
        }
        return search;
    }

    /** Whether the file of a row, whose tags are there, may match. */
    static boolean mayMatch(Readable row, int at, Predicate<FileTags> tags) {
        return !(row.get(at) instanceof String known) || tags.test(FileTags.decode(known));
    }
}
