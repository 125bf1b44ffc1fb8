package io.weir.ingest.mqtt;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.model.Names;
import io.weir.ingest.decode.DecodeLimits;
import io.weir.ingest.decode.Precision;
import io.weir.ingest.decode.SchemaLookup;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Turns JSON payloads, an object or an array of objects, into rows. An object is flat, {@code {"time": …, "temp": 21.5}},
 * or has its parts apart, {@code {"m": …, "t": …, "tags": {…}, "fields": {…}}}. A bad object is left out; nothing of it
 * remains. Not thread-safe.
 */
final class JsonRows {

    private static final JsonFactory FACTORY = new JsonFactory();
    private static final String MEASUREMENT = "m";
    private static final String TIME = "t";

    private final SchemaLookup schemas;
    private final DecodeLimits limits;
    private final long receiveTimeNanos;
    private final LongConsumer memory;
    private final JsonCells cells = new JsonCells();
    private final Map<String, JsonMeasurement> measurements = new LinkedHashMap<>();

    JsonRows(SchemaLookup schemas, DecodeLimits limits, long receiveTimeNanos, LongConsumer memory) {
        this.schemas = schemas;
        this.limits = limits;
        this.receiveTimeNanos = receiveTimeNanos;
        this.memory = memory;
    }

    /** Adds the rows of one payload. */
    Decoded add(byte[] payload, MessageTarget target) {
        long rows = 0;
        String reason = null;
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), payload)) {
            JsonToken first = parser.nextToken();
            boolean array = first == JsonToken.START_ARRAY;
            for (int index = 0; nextObject(parser, array, index); index++) {
                cells.read(parser);
                String fault = row(target);
                if (fault == null) {
                    rows++;
                } else if (reason == null) {
                    reason = array ? "object " + (index + 1) + " of the array: " + fault : fault;
                }
            }
            if (parser.nextToken() != null) {
                reason = "more bytes behind the end of the value";
            }
        } catch (JacksonException e) {
            reason = "not JSON: " + Names.printable(e.getOriginalMessage());
        } catch (RejectedMessage e) {
            reason = e.reason();
        }
        return new Decoded(rows, reason);
    }

    private static boolean nextObject(JsonParser parser, boolean array, int index) {
        if (!array && index > 0) {
            return false;
        }
        JsonToken token = array ? parser.nextToken() : parser.currentToken();
        if (array && token == JsonToken.END_ARRAY) {
            return false;
        }
        if (token != JsonToken.START_OBJECT) {
            throw new RejectedMessage("found " + (token == null ? "nothing" : parser.getString())
                    + " (expected: an object or an array of objects)");
        }
        return true;
    }

    /** Adds the row of the object at hand; says what is wrong with it, or null. */
    private @Nullable String row(MessageTarget target) {
        if (cells.fault() != null) {
            return cells.fault();
        }
        try {
            String timeKey = cells.isStructured() ? TIME : target.subscription().jsonTime();
            String name = target.measurement();
            int time = -1;
            for (int cell = 0; cell < cells.size(); cell++) {
                if (cells.part(cell) != JsonCells.Part.TOP) {
                    continue;
                }
                if (cells.key(cell).equals(timeKey)) {
                    time = cell;
                } else if (cells.isStructured() && cells.key(cell).equals(MEASUREMENT)) {
                    name = name == null ? cells.text(cell) : name;
                } else if (cells.isStructured()) {
                    return "key \"" + Names.printable(cells.key(cell))
                            + "\" is not known (expected: m, t, tags, fields)";
                }
            }
            if (name == null) {
                return "there is no measurement (expected: one in the topic, the settings or \"m\")";
            }
            measurement(name).add(cells, time, time(time, target.subscription().unit()), target);
            return null;
        } catch (RejectedMessage e) {
            return e.reason();
        }
    }

    private JsonMeasurement measurement(String name) {
        JsonMeasurement known = measurements.get(name);
        if (known != null) {
            return known;
        }
        String fault = Names.measurementFault(name);
        if (fault != null) {
            throw new RejectedMessage(fault);
        }
        JsonMeasurement added = new JsonMeasurement(name, schemas.find(name), limits.maxColumns(), memory);
        measurements.put(name, added);
        return added;
    }

    /** Nanoseconds since 1970 that the cell says, or when the messages came. */
    private long time(int cell, Precision precision) {
        if (cell < 0) {
            return precision.truncate(receiveTimeNanos);
        }
        if (cells.kind(cell) == JsonCells.Kind.INTEGER && precision.holds(cells.integer(cell))) {
            return precision.toNanos(cells.integer(cell));
        }
        if (cells.kind(cell) == JsonCells.Kind.TEXT) {
            try {
                Instant time = DateTimeFormatter.ISO_OFFSET_DATE_TIME.parse(cells.text(cell), Instant::from);
                return Math.addExact(Math.multiplyExact(time.getEpochSecond(), 1_000_000_000L), time.getNano());
            } catch (DateTimeException | ArithmeticException e) {
                throw wrongTime(cell, precision);
            }
        }
        throw wrongTime(cell, precision);
    }

    private RejectedMessage wrongTime(int cell, Precision precision) {
        return new RejectedMessage("time \"" + Names.printable(cells.text(cell)) + "\" is none (expected: integer "
                + precision.noun() + " or RFC 3339, between the years 1677 and 2262)");
    }

    /** Adds the batches of all rows to {@code batches}. */
    void finish(List<ColumnBatch> batches) {
        measurements.values().forEach(measurement -> measurement.finish(batches));
    }
}
