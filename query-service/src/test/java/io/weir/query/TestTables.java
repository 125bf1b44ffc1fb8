package io.weir.query;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.hot.HotHold;
import io.weir.common.hot.HotPart;
import io.weir.common.hot.HotRows;
import io.weir.common.hot.HotScope;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import io.weir.common.model.TimeRange;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import io.weir.common.stats.FileTags;
import io.weir.common.stats.TagFilter;
import io.weir.common.stats.TagRange;
import io.weir.query.snapshot.FileRef;
import io.weir.query.snapshot.StoredTable;
import io.weir.query.snapshot.TableCatalog;
import io.weir.query.snapshot.TableSnapshot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A small stand-in for the ingest side and the catalog: measurements {@code (host tag, v float, n integer)} of one row a
 * second, whose rows are hot until a flush makes them a Parquet file. Thread-safe.
 */
public final class TestTables implements TableCatalog, HotRows {

    public static final String ORGANISATION = "org";

    private static final MeasurementSchema SCHEMA = MeasurementSchema.of(
            List.of(
                    new Column("host", ColumnType.TAG),
                    new Column("v", ColumnType.FLOAT64),
                    new Column("n", ColumnType.INT64)),
            false);

    private final AtomicInteger held = new AtomicInteger();
    private final AtomicInteger filesGiven = new AtomicInteger();
    private final AtomicLong rowsGiven = new AtomicLong();
    private final AtomicInteger snapshots = new AtomicInteger();
    private final Set<DatabaseId> created = new HashSet<>();
    private final Path directory;
    private volatile HotScope lastScope = HotScope.ALL;
    private final Map<TableId, Table> tables = new LinkedHashMap<>();
    private final Map<FileRef, FileTags> tags = new HashMap<>();

    public TestTables(Path directory) {
        this.directory = directory;
    }

    /** Adds a measurement without rows. */
    public synchronized TableId create(String database, String measurement) {
        TableId id = new TableId(ORGANISATION, database, measurement);
        tables.put(id, new Table());
        return id;
    }

    /** Adds rows {@code [start, start + rows)}: time in seconds, host a or b by turns, v a half of n. */
    public synchronized void write(TableId id, int start, int rows) {
        write(id, start, rows, Arrays.asList("a", "b"));
    }

    /** The same with these hosts by turns; null for none. */
    public synchronized void write(TableId id, int start, int rows, List<String> hosts) {
        Table table = tables.get(id);
        table.hot.add(batch(id.measurement(), start, rows, hosts));
    }

    /** Forgets what is known of the tags of the newest file, as if it were of an older version. */
    public synchronized void forgetTags(TableId id) {
        List<FileRef> files = tables.get(id).files;
        tags.remove(files.get(files.size() - 1));
    }

    /** Makes a file of the hot rows, without committing it; the returned action commits, and drops the hot rows. */
    public Flush beginFlush(TableId id) {
        synchronized (this) {
            Table table = tables.get(id);
            String flushId = table.flushId;
            List<ColumnBatch> batches = List.copyOf(table.hot);
            table.sealed.put(flushId, batches);
            table.hot.clear();
            table.flushId = UUID.randomUUID().toString();
            return new Flush(id, flushId, batches);
        }
    }

    /** One flush between its steps. */
    public final class Flush {

        private final TableId id;
        private final String flushId;
        private final List<ColumnBatch> batches;

        private Flush(TableId id, String flushId, List<ColumnBatch> batches) {
            this.id = id;
            this.flushId = flushId;
            this.batches = batches;
        }

        /** From here on the catalog has the file. */
        public void commit() {
            if (batches.isEmpty()) {
                return;
            }
            FileRef file = parquet(batches);
            synchronized (TestTables.this) {
                tables.get(id).files.add(file);
                tables.get(id).committed.add(flushId);
            }
        }

        /** From here on the ingest side has let go of the rows. */
        public void drop() {
            synchronized (TestTables.this) {
                tables.get(id).sealed.remove(flushId);
            }
        }
    }

    /** Flushes all hot rows. */
    public void flush(TableId id) {
        Flush flush = beginFlush(id);
        flush.commit();
        flush.drop();
    }

    @Override
    public Mono<List<HotPart>> snapshot(TableId id, HotHold hold) {
        return Mono.fromSupplier(() -> {
            synchronized (this) {
                Table table = tables.get(id);
                List<HotPart> parts = new ArrayList<>();
                if (table != null) {
                    table.sealed.forEach((flushId, batches) -> parts.add(held(hold, flushId, batches)));
                    parts.add(held(hold, table.flushId, table.hot));
                }
                return parts;
            }
        });
    }

    /** Gives everything, and remembers what was needed of it. */
    @Override
    public Mono<List<HotPart>> snapshot(TableId id, HotScope scope, HotHold hold) {
        lastScope = scope;
        return snapshot(id, hold);
    }

    /** What the latest reader of hot rows needed. */
    public HotScope lastScope() {
        return lastScope;
    }

    private HotPart held(HotHold hold, String flushId, List<ColumnBatch> batches) {
        held.incrementAndGet();
        return hold.add(new HotPart(flushId, batches, held::decrementAndGet));
    }

    /** Files handed out to queries since this was last asked. */
    public int filesGiven() {
        return filesGiven.getAndSet(0);
    }

    /** Rows in those files, since this was asked last. */
    public long rowsGiven() {
        return rowsGiven.getAndSet(0);
    }

    /** Snapshots taken by queries since this was last asked. */
    public int snapshots() {
        return snapshots.getAndSet(0);
    }

    /** Hot parts that queries hold now. */
    public int heldParts() {
        return held.get();
    }

    @Override
    public Mono<TableSnapshot> snapshot(TableId id, TimeRange range, Collection<String> hotFlushIds, HotHold hold) {
        return snapshot(id, range, TagFilter.ANY, hotFlushIds, hold);
    }

    @Override
    public Mono<TableSnapshot> snapshot(
            TableId id, TimeRange range, TagFilter filter, Collection<String> hotFlushIds, HotHold hold) {
        Predicate<FileTags> mayMatch = filter.over(SCHEMA);
        return Mono.fromSupplier(() -> {
            synchronized (this) {
                Table table = tables.get(id);
                if (table == null) {
                    return null;
                }
                Set<String> committed = new HashSet<>(hotFlushIds);
                committed.retainAll(table.committed);
                List<FileRef> files = table.files.stream()
                        .filter(file -> range.overlaps(file.minTimeMicros(), file.maxTimeMicros()))
                        .filter(file -> mayMatch == null || !tags.containsKey(file) || mayMatch.test(tags.get(file)))
                        .toList();
                filesGiven.addAndGet(files.size());
                rowsGiven.addAndGet(files.stream().mapToLong(FileRef::rows).sum());
                snapshots.incrementAndGet();
                return new TableSnapshot(SCHEMA, files, committed, table.version());
            }
        });
    }

    @Override
    public Mono<String> storedVersion(TableId id) {
        return Mono.fromSupplier(() -> {
            synchronized (this) {
                Table table = tables.get(id);
                return table == null ? null : table.version();
            }
        });
    }

    @Override
    public Mono<StoredTable> stored(TableId id, TimeRange range, Collection<String> hotFlushIds) {
        return stored(id, range, TagFilter.ANY, hotFlushIds);
    }

    @Override
    public Mono<StoredTable> stored(TableId id, TimeRange range, TagFilter filter, Collection<String> hotFlushIds) {
        return snapshot(id, range, filter, hotFlushIds, new HotHold()).map(snapshot -> {
            List<FileRef> files = snapshot.files();
            return new StoredTable(
                    SCHEMA,
                    files.size(),
                    files.stream().mapToLong(FileRef::rows).sum(),
                    files.size() * 1_000L,
                    new TimeRange(
                            files.stream()
                                    .mapToLong(FileRef::minTimeMicros)
                                    .min()
                                    .orElse(Long.MAX_VALUE),
                            files.stream()
                                    .mapToLong(FileRef::maxTimeMicros)
                                    .max()
                                    .orElse(Long.MIN_VALUE)),
                    snapshot.committedFlushIds());
        });
    }

    @Override
    public synchronized Mono<Boolean> createDatabase(DatabaseId database) {
        return Mono.fromSupplier(() -> created.add(database));
    }

    @Override
    public synchronized Flux<String> databases(String organisation) {
        Set<String> names = new TreeSet<>();
        tables.keySet().stream()
                .filter(id -> id.organisation().equals(organisation))
                .forEach(id -> names.add(id.database()));
        created.stream().filter(id -> id.organisation().equals(organisation)).forEach(id -> names.add(id.database()));
        return Flux.fromIterable(names);
    }

    @Override
    public synchronized Flux<String> measurements(DatabaseId database) {
        return Flux.fromIterable(tables.keySet().stream()
                .filter(id -> id.databaseId().equals(database))
                .map(TableId::measurement)
                .sorted()
                .toList());
    }

    private static ColumnBatch batch(String measurement, int start, int rows, List<String> hosts) {
        long[] times = new long[rows];
        double[] values = new double[rows];
        long[] numbers = new long[rows];
        int[] series = new int[rows];
        for (int i = 0; i < rows; i++) {
            times[i] = (start + i) * 1_000_000L;
            values[i] = (start + i) / 2.0;
            numbers[i] = start + i;
            series[i] = (start + i) % hosts.size();
        }
        int[] codes = new int[hosts.size()];
        List<String> names = new ArrayList<>();
        for (int i = 0; i < codes.length; i++) {
            codes[i] = hosts.get(i) == null ? SeriesTable.ABSENT : names.size();
            if (hosts.get(i) != null) {
                names.add(hosts.get(i));
            }
        }
        SeriesTable table = new SeriesTable(codes.length, List.of("host"), new int[][] {codes}, new Utf8Dictionary[] {
            Utf8Dictionary.of(names.toArray(String[]::new))
        });
        return new ColumnBatch(
                measurement,
                rows,
                times,
                null,
                table,
                series,
                List.of(new DoubleColumn("v", values, null), new LongColumn("n", ColumnType.INT64, numbers, null)));
    }

    private FileRef parquet(List<ColumnBatch> batches) {
        Path file = directory.resolve(UUID.randomUUID() + ".parquet");
        List<String> selects = new ArrayList<>();
        TreeSet<String> hosts = new TreeSet<>(TagRange::compare);
        long rows = 0;
        long min = Long.MAX_VALUE;
        long max = Long.MIN_VALUE;
        for (ColumnBatch batch : batches) {
            long start = batch.timeMicros()[0] / 1_000_000;
            rows += batch.rows();
            min = Math.min(min, batch.timeMicros()[0]);
            max = Math.max(max, batch.timeMicros()[batch.rows() - 1]);
            SeriesTable table = batch.series();
            String host = "CASE range % " + table.size();
            for (int series = 0; series < table.size(); series++) {
                int code = table.code(0, series);
                String value = code == SeriesTable.ABSENT
                        ? "NULL::VARCHAR"
                        : "'" + table.dictionary(0).get(code) + "'";
                host += " WHEN " + series + " THEN " + value;
                if (code != SeriesTable.ABSENT && batch.rows() > series) {
                    hosts.add(table.dictionary(0).get(code));
                }
            }
            selects.add("SELECT make_timestamptz(range * 1000000) AS time, " + host + " END AS host,"
                    + " range / 2.0::DOUBLE AS v, range AS n FROM range(" + start + ", "
                    + (start + batch.rows()) + ")");
        }
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            Files.createDirectories(directory);
            statement.execute("COPY (" + String.join(" UNION ALL ", selects) + ") TO '" + file
                    + "' (FORMAT parquet, FIELD_IDS {time: 1, host: 3, v: 4, n: 5})");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        FileRef made = new FileRef(file.toString(), rows, min, max);
        synchronized (this) {
            tags.put(made, FileTags.of(hosts.isEmpty() ? Map.of() : Map.of("host", range(hosts))));
        }
        return made;
    }

    private static TagRange range(TreeSet<String> hosts) {
        List<String> few = hosts.size() > TagRange.MOST_VALUES ? List.of() : List.copyOf(hosts);
        return new TagRange(hosts.first(), hosts.last(), false, few);
    }

    private static final class Table {

        private final List<ColumnBatch> hot = new ArrayList<>();
        private final Map<String, List<ColumnBatch>> sealed = new LinkedHashMap<>();
        private final List<FileRef> files = new ArrayList<>();
        private final Set<String> committed = new HashSet<>();
        private String flushId = UUID.randomUUID().toString();

        String version() {
            return "files" + files.size();
        }
    }
}
