package io.weir.query.result;

import io.weir.common.error.WeirException;
import io.weir.common.model.Names;
import io.weir.query.QueryError;
import io.weir.storage.duckdb.ResultReader;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;

/** The forms a result can be sent in. */
public enum ResultFormat {
    /** One document with columns, types and an array of rows. */
    JSON("json", "application/json"),
    /** One object a row, one row a line. */
    NDJSON("ndjson", "application/x-ndjson", "application/ndjson", "application/jsonl"),
    /** A header line and a line a row (RFC 4180). */
    CSV("csv", "text/csv"),
    /** An Arrow IPC stream. */
    ARROW("arrow", "application/vnd.apache.arrow.stream"),
    /** A stream of MessagePack maps that hold arrays of columns. */
    MSGPACK("msgpack", "application/vnd.msgpack", "application/msgpack", "application/x-msgpack"),
    /** A Parquet file. */
    PARQUET("parquet", "application/vnd.apache.parquet"),
    /** One array with one object a row, which only InfluxDB's route gives. */
    JSON_ROWS("", "application/json");

    private static final List<ResultFormat> NAMED =
            Stream.of(values()).filter(format -> !format.id.isEmpty()).toList();

    private final String id;

    @SuppressWarnings("ImmutableEnumChecker") // neither the list nor its elements change
    private final List<MediaType> mediaTypes;

    ResultFormat(String id, String... mediaTypes) {
        this.id = id;
        this.mediaTypes = Stream.of(mediaTypes).map(MediaType::valueOf).toList();
    }

    /** The word for it in a request. */
    public String id() {
        return id;
    }

    /** What the response declares. */
    public MediaType mediaType() {
        return mediaTypes.get(0);
    }

    /** The format with that id. @throws WeirException {@code unsupported-format} */
    public static ResultFormat of(String id) {
        String wanted = id.toLowerCase(Locale.ROOT);
        for (ResultFormat format : NAMED) {
            if (format.id.equals(wanted)) {
                return format;
            }
        }
        throw unsupported(id, NAMED.stream().map(ResultFormat::id).toList());
    }

    /** The refusal of a format where those are supported. */
    public static WeirException unsupported(String id, List<String> supported) {
        return new WeirException(
                QueryError.UNSUPPORTED_FORMAT,
                "format \"" + Names.printable(id) + "\" is not supported (expected: "
                        + supported.stream().collect(Collectors.joining(", ")) + ")",
                Map.of("supported", supported));
    }

    /** The format the client accepts most, and among equals first; JSON when it accepts none of them by name. */
    public static ResultFormat accepted(List<MediaType> accepted) {
        return accepted.stream()
                .filter(type -> type.getQualityValue() > 0)
                .sorted(Comparator.comparing(MediaType::getQualityValue).reversed())
                .flatMap(type -> NAMED.stream().filter(format -> format.isNamed(type)))
                .findFirst()
                .orElse(JSON);
    }

    private boolean isNamed(MediaType type) {
        return mediaTypes.stream().anyMatch(own -> own.equalsTypeAndSubtype(type));
    }

    /** An encoder of one result whose numbers are numbers. */
    public ResultReader<byte[]> encoder(RowLimit limit, long startNanos) {
        return encoder(limit, startNanos, NumberForm.NUMBER);
    }

    /**
     * An encoder of one result into chunks of about 32 KiB.
     *
     * @param startNanos {@link System#nanoTime} when the query began
     * @param numbers how the formats of JSON show numbers
     */
    public ResultReader<byte[]> encoder(RowLimit limit, long startNanos, NumberForm numbers) {
        return encoder(limit, startNanos, numbers, NextPage.NONE);
    }

    /**
     * The same for one page of a result, which is a result of its own.
     *
     * @param next asked for at the end of the page, by formats that have a place for it
     */
    public ResultReader<byte[]> encoder(RowLimit limit, long startNanos, NumberForm numbers, NextPage next) {
        return switch (this) {
            case JSON -> new JsonEncoder(limit, numbers, startNanos, next);
            case NDJSON -> new NdjsonEncoder(limit, numbers);
            case CSV -> new CsvEncoder(limit);
            case ARROW -> new ArrowEncoder(limit);
            case MSGPACK -> new MsgpackEncoder(limit, startNanos);
            case PARQUET -> new ParquetEncoder(limit);
            case JSON_ROWS -> new JsonRowsEncoder(limit, numbers);
        };
    }

    /**
     * What ends a stream that failed after its first chunk, so that its reader learns the reason; null where the format
     * has no place for it, and only the broken connection tells.
     *
     * @param problem the members of the problem document
     */
    public byte @Nullable [] failure(Map<String, Object> problem) {
        return switch (this) {
            case NDJSON -> NdjsonEncoder.failure(problem);
            case MSGPACK -> MsgpackEncoder.failure(problem);
            default -> null;
        };
    }
}
