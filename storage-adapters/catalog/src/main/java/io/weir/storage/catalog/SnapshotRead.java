package io.weir.storage.catalog;

import io.r2dbc.spi.Readable;
import io.weir.common.model.TableId;
import io.weir.common.model.TimeRange;
import io.weir.common.stats.FileTags;
import io.weir.common.stats.TagFilter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Mono;

/**
 * Reads a measurement whose schema is known by one statement, which sees one moment by itself: no transaction, and no rows of
 * columns.
 *
 * <pre>
 *   kind 0   ''           commit sequence   has nanos   columns   what else would have to be read; the measurement, if it is there
 *   kind 1   object key   earliest          latest      rows      bytes  a file, with what is known of its tags
 *   kind 2   flush id     0                 0           0         0      a flush that is committed
 * </pre>
 */
final class SnapshotRead {

    private static final int TAGS = 6;
    private static final String MEASUREMENT = "SELECT 0, '', m.commit_sequence, m.has_nanos,"
            + " (SELECT count(*) FROM measurement_columns c WHERE c.measurement_id = m.id), m.pending_deletes + m.dedup";
    private static final String OF_MEASUREMENT = " FROM measurements m WHERE m.id = :id AND m.name = :name";
    private static final String FLUSHES = " UNION ALL SELECT 2, flush_id, 0, 0, 0, 0";
    private static final String OF_FLUSHES = " FROM flushes WHERE flush_id IN (:ids)";

    private final DatabaseClient client;
    private final KnownSchemas schemas;

    SnapshotRead(DatabaseClient client, KnownSchemas schemas) {
        this.client = client;
        this.schemas = schemas;
    }

    /** The measurement as of one moment; empty when its schema is not known, or not that any more, or more would have to be read. */
    Mono<TableSnapshot> read(TableId table, TimeRange range, TagFilter filter, Collection<String> flushIds) {
        return Mono.defer(() -> {
            KnownSchemas.Known known = schemas.find(table);
            if (known == null || range.isEmpty()) {
                return Mono.empty();
            }
            Predicate<FileTags> tags = filter.over(known.schema());
            DatabaseClient.GenericExecuteSpec statement = FileSearch.bind(
                            client.sql(sql(tags != null, !flushIds.isEmpty())), known.id(), range)
                    .bind("name", table.measurement());
            if (!flushIds.isEmpty()) {
                statement = statement.bind("ids", List.copyOf(flushIds));
            }
            return statement
                    .map(row -> Row.of(row, tags))
                    .all()
                    .collect(() -> new Snapshot(known), Snapshot::add)
                    .mapNotNull(Snapshot::finish)
                    .switchIfEmpty(Mono.fromRunnable(() -> schemas.forget(table)));
        });
    }

    private static String sql(boolean withTags, boolean withFlushes) {
        String none = withTags ? ", NULL" : "";
        return MEASUREMENT + none + OF_MEASUREMENT + " UNION ALL " + FileSearch.sql("1, ", withTags)
                + (withFlushes ? FLUSHES + none + OF_FLUSHES : "");
    }

    /** One row; {@code file} when it is a file that may match. */
    private record Row(
            long kind,
            String name,
            long first,
            long second,
            long third,
            long fourth,
            @Nullable DataFile file) {

        static Row of(Readable row, @Nullable Predicate<FileTags> tags) {
            long kind = Rows.number(row, 0);
            boolean matches = kind == 1 && (tags == null || FileSearch.mayMatch(row, TAGS, tags));
            return new Row(
                    kind,
                    Rows.text(row, 1),
                    Rows.number(row, 2),
                    Rows.number(row, 3),
                    Rows.number(row, 4),
                    Rows.number(row, 5),
                    matches ? Rows.fileAt(row, 1) : null);
        }
    }

    /** What the rows say. */
    private static final class Snapshot {

        private final KnownSchemas.Known known;
        private final List<DataFile> files = new ArrayList<>();
        private final Set<String> committed = new HashSet<>();
        private @Nullable String version;

        Snapshot(KnownSchemas.Known known) {
            this.known = known;
        }

        void add(Row row) {
            if (row.kind() == 0) {
                boolean same = row.fourth() == 0
                        && row.third() == known.schema().columns().size()
                        && (row.second() != 0) == known.schema().hasNanos();
                version = same
                        ? MeasurementTables.version(known.id(), row.first(), row.third(), row.second() != 0)
                        : null;
            } else if (row.kind() == 2) {
                committed.add(row.name());
            } else if (row.file() != null) {
                files.add(row.file());
            }
        }

        /** Null when the schema is not that any more, or more would have to be read. */
        @Nullable
        TableSnapshot finish() {
            files.sort(FileSearch.BY_TIME);
            return version == null ? null : new TableSnapshot(known.schema(), files, committed, version);
        }
    }
}
