package io.weir.storage.catalog;

import io.weir.common.model.TimeRange;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Mono;

/**
 * Finds the files of a measurement that overlap a range of times, by one search of the index {@code files_by_span} for each
 * class of files, bounded on both sides. Runs in whatever transaction the caller opened.
 */
final class FileSearch {

    private static final Comparator<DataFile> BY_TIME =
            Comparator.comparingLong(DataFile::minMicros).thenComparing(DataFile::objectKey);

    /** One search for each class: its files that begin in reach of the range, and of these those that reach into it. */
    static final String SQL = Arrays.stream(FileSpan.values())
            .map(span -> "SELECT object_key, min_micros, max_micros, row_count, size_bytes FROM files"
                    + " WHERE measurement_id = :id AND span_class = " + span.code() + " AND min_micros >= :begin"
                    + span.code() + " AND min_micros <= :to AND max_micros >= :from")
            .collect(Collectors.joining(" UNION ALL "));

    private final DatabaseClient client;

    FileSearch(DatabaseClient client) {
        this.client = client;
    }

    /** The files, in order of their earliest times. */
    Mono<List<DataFile>> files(long measurementId, TimeRange range) {
        if (range.isEmpty()) {
            return Mono.just(List.of());
        }
        DatabaseClient.GenericExecuteSpec search = client.sql(SQL)
                .bind("id", measurementId)
                .bind("from", range.fromMicros())
                .bind("to", range.toMicros());
        for (FileSpan span : FileSpan.values()) {
            search = search.bind("begin" + span.code(), span.earliestBeginning(range.fromMicros()));
        }
        return search.map(row -> new DataFile(
                        Rows.text(row, 0),
                        Rows.number(row, 1),
                        Rows.number(row, 2),
                        Rows.number(row, 3),
                        Rows.number(row, 4)))
                .all()
                .collectSortedList(BY_TIME);
    }
}
