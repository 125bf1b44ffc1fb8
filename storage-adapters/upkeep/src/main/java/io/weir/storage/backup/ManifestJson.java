package io.weir.storage.backup;

import io.weir.common.error.WeirException;
import io.weir.common.limit.OrganisationLimits;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.Dedup;
import io.weir.common.model.TableId;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import io.weir.storage.catalog.CatalogRow;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.Organisation;
import io.weir.storage.object.Checksum;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Lines of a manifest as JSON objects, as {@code docs/formats/backup.md} says. Thread-safe. */
final class ManifestJson {

    /** The one version there is. */
    static final int VERSION = 1;

    private static final String FORMAT = "weir-backup";
    private static final JsonMapper JSON = new JsonMapper();

    private ManifestJson() {}

    /** One line, without its end. */
    static String write(ManifestLine line) {
        Map<String, Object> json = new LinkedHashMap<>();
        if (line instanceof ManifestLine.Header header) {
            json.put("format", FORMAT);
            json.put("version", VERSION);
            json.put("id", header.id());
            json.put("created", header.created().toString());
            json.put("origins", header.origins().stream().sorted().toList());
        } else if (line instanceof ManifestLine.OfRow of) {
            put(json, of.row());
        } else if (line instanceof ManifestLine.OfFile file) {
            put(json, file.row());
            json.put("crc32c", file.checksum().text());
        } else if (line instanceof ManifestLine.End end) {
            json.put("end", true);
            json.put("databases", end.contents().databases());
            json.put("measurements", end.contents().measurements());
            json.put("files", end.contents().files());
            json.put("rows", end.contents().rows());
            json.put("bytes", end.contents().bytes());
            json.put("crc32c", end.checksum().text());
        }
        return JSON.writeValueAsString(json);
    }

    /** A row alone, without a checksum. */
    static String write(CatalogRow row) {
        Map<String, Object> json = new LinkedHashMap<>();
        put(json, row);
        return JSON.writeValueAsString(json);
    }

    private static void put(Map<String, Object> json, CatalogRow row) {
        if (row instanceof CatalogRow.OfOrganisation of) {
            Organisation organisation = of.organisation();
            json.put("organisation", organisation.name());
            json.put("created", organisation.created().toString());
            OrganisationLimits limits = organisation.limits();
            json.put("bytes_per_minute", limits.bytesPerMinute());
            json.put("rows_per_minute", limits.rowsPerMinute());
            json.put("concurrent_queries", limits.concurrentQueries());
            json.put("sockets", limits.sockets());
            json.put("cache_entries", limits.cacheEntries());
        } else if (row instanceof CatalogRow.OfDatabase of) {
            json.put("database", of.database().database());
            json.put("organisation", of.database().organisation());
        } else if (row instanceof CatalogRow.OfMeasurement of) {
            json.put("measurement", of.table().measurement());
            json.put("organisation", of.table().organisation());
            json.put("database", of.table().database());
            json.put("number", of.number());
            json.put("nanos", of.schema().hasNanos());
            of.dedup().ifPresent(dedup -> json.put("dedup", dedup.word()));
            json.put(
                    "columns",
                    of.schema().columns().stream().map(ManifestJson::column).toList());
        } else if (row instanceof CatalogRow.OfFile of) {
            json.put("file", of.file().objectKey());
            json.put("measurement", of.measurement());
            json.put("min_micros", of.file().minMicros());
            json.put("max_micros", of.file().maxMicros());
            json.put("rows", of.file().rows());
            json.put("bytes", of.file().sizeBytes());
        }
    }

    private static Map<String, String> column(Column column) {
        Map<String, String> json = new LinkedHashMap<>();
        json.put("name", column.name());
        json.put("type", column.type().name().toLowerCase(Locale.ROOT));
        return json;
    }

    /** What a line says. @throws RuntimeException when it says nothing; {@code backup-too-new} when it is a later version's first */
    static ManifestLine read(String line) {
        JsonNode json = JSON.readTree(line);
        if (json.has("format")) {
            return header(json);
        }
        if (json.has("end")) {
            BackupContents contents = new BackupContents(
                    number(json, "databases"),
                    number(json, "measurements"),
                    number(json, "files"),
                    number(json, "rows"),
                    number(json, "bytes"));
            return new ManifestLine.End(contents, Checksum.parse(text(json, "crc32c")));
        }
        if (json.has("file")) {
            return new ManifestLine.OfFile(file(json), Checksum.parse(text(json, "crc32c")));
        }
        return new ManifestLine.OfRow(row(json));
    }

    /** What a line without a checksum says, of a list that is not a manifest yet. */
    static CatalogRow readRow(String line) {
        JsonNode json = JSON.readTree(line);
        return json.has("file") ? file(json) : row(json);
    }

    private static ManifestLine.Header header(JsonNode json) {
        long version = number(json, "version");
        if (!text(json, "format").equals(FORMAT)) {
            throw new IllegalArgumentException("its format is " + text(json, "format"));
        }
        if (version > VERSION) {
            throw new WeirException(
                    BackupError.BACKUP_TOO_NEW,
                    "the backup is of version " + version + " (expected: " + VERSION
                            + ", or a program at least as new as the one that made it)");
        }
        Set<String> origins = new LinkedHashSet<>();
        json.path("origins").forEach(origin -> origins.add(origin.asString()));
        return new ManifestLine.Header(text(json, "id"), Instant.parse(text(json, "created")), origins);
    }

    private static CatalogRow.OfFile file(JsonNode json) {
        DataFile file = new DataFile(
                text(json, "file"),
                number(json, "min_micros"),
                number(json, "max_micros"),
                number(json, "rows"),
                number(json, "bytes"));
        return new CatalogRow.OfFile(number(json, "measurement"), file);
    }

    private static CatalogRow row(JsonNode json) {
        String organisation = text(json, "organisation");
        if (json.has("measurement")) {
            List<Column> columns = new ArrayList<>();
            for (JsonNode column : json.path("columns")) {
                columns.add(new Column(
                        text(column, "name"),
                        ColumnType.valueOf(text(column, "type").toUpperCase(Locale.ROOT))));
            }
            return new CatalogRow.OfMeasurement(
                    number(json, "number"),
                    new TableId(organisation, text(json, "database"), text(json, "measurement")),
                    MeasurementSchema.of(columns, json.path("nanos").booleanValue(false)),
                    Dedup.ofWord(json.path("dedup").asString("")));
        }
        if (json.has("database")) {
            return new CatalogRow.OfDatabase(new DatabaseId(organisation, text(json, "database")));
        }
        OrganisationLimits limits = new OrganisationLimits(
                number(json, "bytes_per_minute"),
                number(json, "rows_per_minute"),
                (int) number(json, "concurrent_queries"),
                (int) number(json, "sockets"),
                (int) number(json, "cache_entries"));
        return new CatalogRow.OfOrganisation(
                new Organisation(organisation, Instant.parse(text(json, "created")), limits));
    }

    private static String text(JsonNode json, String member) {
        JsonNode value = json.path(member);
        if (!value.isString()) {
            throw new IllegalArgumentException("member " + member + " is missing or not a string");
        }
        return value.stringValue();
    }

    private static long number(JsonNode json, String member) {
        JsonNode value = json.path(member);
        if (!value.isIntegralNumber()) {
            throw new IllegalArgumentException("member " + member + " is missing or not a number");
        }
        return value.longValue();
    }
}
