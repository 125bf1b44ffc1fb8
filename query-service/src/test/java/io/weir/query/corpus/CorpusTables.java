package io.weir.query.corpus;

import io.weir.common.batch.BooleanColumn;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.StringColumn;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.hot.HotHold;
import io.weir.common.hot.HotPart;
import io.weir.common.hot.HotRows;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import io.weir.common.model.TimeRange;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import io.weir.query.snapshot.FileRef;
import io.weir.query.snapshot.StoredTable;
import io.weir.query.snapshot.TableCatalog;
import io.weir.query.snapshot.TableSnapshot;
import io.weir.storage.duckdb.SqlText;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The tables of a plain DuckDB as measurements: each row of them, in their order, either in one of the files or hot, and never in the
 * same file as a column that came later than the file. Schemas are databases.
 */
final class CorpusTables implements TableCatalog, HotRows {

    static final String ORGANISATION = "org";

    private final Connection plain;
    private final Path directory;
    private final Map<TableId, Table> tables = new LinkedHashMap<>();

    private record Table(MeasurementSchema schema, List<FileRef> files, List<ColumnBatch> hot) {}

    CorpusTables(Connection plain, Path directory) {
        this.plain = plain;
        this.directory = directory;
    }

    /**
     * Makes a measurement of a table.
     *
     * @param tags names of its columns that are tags
     * @param files conditions, each of which selects the rows of one file and, before a bar, names the columns it lacks
     * @param hot the condition that selects the hot rows
     */
    void add(String database, String measurement, Set<String> tags, List<String> files, String hot) throws Exception {
        TableId id = new TableId(ORGANISATION, database, measurement);
        String from = SqlText.identifier(database) + '.' + SqlText.identifier(measurement);
        MeasurementSchema schema = schema(from, tags);
        List<FileRef> written = new ArrayList<>();
        for (String file : files) {
            String[] parts = file.split("\\|", -1);
            Set<String> lacks = parts.length == 1 ? Set.of() : Set.of(parts[0].split(","));
            written.add(file(from, schema, lacks, parts[parts.length - 1]));
        }
        List<ColumnBatch> batches = batches(measurement, from, schema, hot);
        tables.put(id, new Table(schema, written, batches));
    }

    private MeasurementSchema schema(String from, Set<String> tags) throws SQLException {
        List<Column> columns = new ArrayList<>();
        try (Statement statement = plain.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT column_name, column_type FROM (DESCRIBE " + from + ")")) {
            while (rows.next()) {
                String name = rows.getString(1);
                if (!name.equals("time")) {
                    columns.add(new Column(name, tags.contains(name) ? ColumnType.TAG : type(rows.getString(2))));
                }
            }
        }
        return MeasurementSchema.of(columns, false);
    }

    private static ColumnType type(String engine) {
        return switch (engine) {
            case "VARCHAR" -> ColumnType.STRING;
            case "BIGINT" -> ColumnType.INT64;
            case "UBIGINT" -> ColumnType.UINT64;
            case "DOUBLE" -> ColumnType.FLOAT64;
            case "BOOLEAN" -> ColumnType.BOOLEAN;
            default -> throw new IllegalArgumentException(engine);
        };
    }

    private FileRef file(String from, MeasurementSchema schema, Set<String> lacks, String condition) throws Exception {
        Path file = directory.resolve("f" + System.nanoTime() + ".parquet");
        List<String> names = new ArrayList<>(List.of("\"time\""));
        List<String> ids = new ArrayList<>(List.of("\"time\": 1"));
        for (Column column : schema.columns()) {
            if (!lacks.contains(column.name())) {
                names.add(SqlText.identifier(column.name()));
                ids.add(SqlText.identifier(column.name()) + ": " + schema.fieldIdOf(column.name()));
            }
        }
        try (Statement statement = plain.createStatement()) {
            statement.execute("COPY (SELECT " + String.join(", ", names) + " FROM " + from + " WHERE " + condition
                    + ") TO " + SqlText.literal(file.toString()) + " (FORMAT parquet, FIELD_IDS {"
                    + String.join(", ", ids) + "})");
            try (ResultSet rows = statement.executeQuery(
                    "SELECT count(*), min(epoch_us(time)), max(epoch_us(time)) FROM " + from + " WHERE " + condition)) {
                rows.next();
                return new FileRef(file.toString(), rows.getLong(1), rows.getLong(2), rows.getLong(3));
            }
        }
    }

    private List<ColumnBatch> batches(String measurement, String from, MeasurementSchema schema, String condition)
            throws SQLException {
        List<Object[]> rows = new ArrayList<>();
        try (Statement statement = plain.createStatement();
                ResultSet result = statement.executeQuery(
                        "SELECT epoch_us(time), * EXCLUDE (time) FROM " + from + " WHERE " + condition)) {
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                Object[] row = new Object[columns];
                for (int i = 0; i < columns; i++) {
                    row[i] = result.getObject(i + 1);
                }
                rows.add(row);
            }
        }
        return rows.isEmpty() ? List.of() : List.of(batch(measurement, schema, rows));
    }

    private static ColumnBatch batch(String measurement, MeasurementSchema schema, List<Object[]> rows) {
        int count = rows.size();
        List<String> tagNames = new ArrayList<>();
        List<int[]> codes = new ArrayList<>();
        List<Utf8Dictionary> dictionaries = new ArrayList<>();
        List<FieldColumn> fields = new ArrayList<>();
        for (int c = 0; c < schema.columns().size(); c++) {
            Column column = schema.columns().get(c);
            int at = c + 1;
            Object[] values = rows.stream().map(row -> row[at]).toArray();
            if (column.type() == ColumnType.TAG) {
                List<String> distinct = new ArrayList<>(new TreeSet<>(Arrays.stream(values)
                        .filter(Objects::nonNull)
                        .map(String::valueOf)
                        .toList()));
                tagNames.add(column.name());
                dictionaries.add(Utf8Dictionary.of(distinct.toArray(String[]::new)));
                codes.add(Arrays.stream(values)
                        .mapToInt(value -> value == null ? SeriesTable.ABSENT : distinct.indexOf(value))
                        .toArray());
            } else if (Arrays.stream(values).anyMatch(Objects::nonNull)) {
                fields.add(field(column, values));
            }
        }
        return new ColumnBatch(
                measurement,
                count,
                rows.stream().mapToLong(row -> (Long) row[0]).toArray(),
                null,
                new SeriesTable(
                        count, tagNames, codes.toArray(int[][]::new), dictionaries.toArray(Utf8Dictionary[]::new)),
                IntStream.range(0, count).toArray(),
                fields);
    }

    private static FieldColumn field(Column column, Object[] values) {
        long[] present = new long[(values.length + 63) / 64];
        long[] bits = new long[present.length];
        for (int i = 0; i < values.length; i++) {
            present[i / 64] |= values[i] == null ? 0 : 1L << i;
            bits[i / 64] |= Boolean.TRUE.equals(values[i]) ? 1L << i : 0;
        }
        return switch (column.type()) {
            case BOOLEAN -> new BooleanColumn(column.name(), bits, present);
            case FLOAT64 ->
                new DoubleColumn(
                        column.name(),
                        Arrays.stream(values)
                                .mapToDouble(value -> value == null ? 0 : ((Number) value).doubleValue())
                                .toArray(),
                        present);
            case STRING -> strings(column.name(), values, present);
            default ->
                new LongColumn(
                        column.name(),
                        column.type(),
                        Arrays.stream(values).mapToLong(CorpusTables::whole).toArray(),
                        present);
        };
    }

    private static long whole(Object value) {
        return value == null
                ? 0
                : value instanceof BigInteger big ? big.longValue() : new BigDecimal(value.toString()).longValue();
    }

    private static StringColumn strings(String name, Object[] values, long[] present) {
        StringBuilder all = new StringBuilder();
        int[] offsets = new int[values.length + 1];
        for (int i = 0; i < values.length; i++) {
            all.append(values[i] == null ? "" : values[i]);
            offsets[i + 1] = all.toString().getBytes(StandardCharsets.UTF_8).length;
        }
        return new StringColumn(name, offsets, all.toString().getBytes(StandardCharsets.UTF_8), present);
    }

    @Override
    public Mono<List<HotPart>> snapshot(TableId table, HotHold hold) {
        return Mono.fromSupplier(() -> {
            Table found = tables.get(table);
            return found == null ? List.of() : List.of(hold.add(new HotPart("hot", found.hot(), () -> {})));
        });
    }

    @Override
    public Mono<TableSnapshot> snapshot(TableId table, TimeRange range, Collection<String> hotFlushIds, HotHold hold) {
        return Mono.justOrEmpty(tables.get(table))
                .map(found -> new TableSnapshot(
                        found.schema(),
                        found.files().stream()
                                .filter(file -> range.overlaps(file.minTimeMicros(), file.maxTimeMicros()))
                                .toList(),
                        Set.of()));
    }

    @Override
    public Mono<StoredTable> stored(TableId table, TimeRange range, Collection<String> hotFlushIds) {
        return Mono.error(new UnsupportedOperationException());
    }

    @Override
    public Mono<Boolean> createDatabase(DatabaseId database) {
        return Mono.just(false);
    }

    @Override
    public Flux<String> databases(String organisation) {
        return Flux.fromStream(
                tables.keySet().stream().map(TableId::database).distinct().sorted());
    }

    @Override
    public Flux<String> measurements(DatabaseId database) {
        return Flux.fromStream(tables.keySet().stream()
                .filter(id -> id.databaseId().equals(database))
                .map(TableId::measurement)
                .sorted());
    }
}
