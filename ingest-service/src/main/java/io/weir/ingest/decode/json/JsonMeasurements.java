package io.weir.ingest.decode.json;

import io.weir.common.batch.Utf8DictionaryBuilder;
import io.weir.common.model.Names;
import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.LineFault;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The measurements of one request, in order of first sight. One that no accepted row has is forgotten. */
final class JsonMeasurements {

    private static final int MEASUREMENT_BYTES = 1_536;

    private final DecodeOptions options;
    private final RowDefaults defaults;
    private final Utf8DictionaryBuilder names;
    private final List<JsonMeasurement> measurements = new ArrayList<>();
    private @Nullable JsonMeasurement pending;
    private @Nullable JsonMeasurement byDefault;

    JsonMeasurements(DecodeOptions options, RowDefaults defaults) {
        this.options = options;
        this.defaults = defaults;
        this.names = new Utf8DictionaryBuilder(options.memory());
    }

    /** The measurement of rows that name none, once there was one. */
    @Nullable
    JsonMeasurement likelyDefault() {
        return byDefault;
    }

    /** The measurement of a row at {@code position} that names none. */
    JsonMeasurement byDefault(int position) {
        JsonMeasurement known = byDefault;
        if (known != null) {
            return known;
        }
        String name = defaults.measurement();
        if (name == null) {
            throw LineFault.syntax(
                    position,
                    "row names no measurement",
                    "the parameter measurement, or {\"m\": measurement, \"t\": time, \"tags\": {…}, \"fields\": {…}}");
        }
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        int code = names.find(utf8, 0, utf8.length);
        JsonMeasurement measurement = code >= 0 ? measurements.get(code) : add(name, utf8, 0, utf8.length);
        byDefault = measurement;
        return measurement;
    }

    /** The measurement that {@code text}, which stands at {@code position}, names. */
    JsonMeasurement named(JsonStrings text, int position) {
        int code = names.find(text.text(), text.from(), text.to());
        if (code >= 0) {
            return measurements.get(code);
        }
        String name = text.toString();
        String fault = Names.measurementFault(name);
        if (fault != null) {
            throw LineFault.name(position, fault, "a name of 1 to 128 bytes without control characters");
        }
        return add(name, text.text(), text.from(), text.to());
    }

    /** Keeps the measurement that the current row brought, if it did. */
    void commit() {
        pending = null;
    }

    /** Forgets the measurement that the current row brought, if it did. */
    void rollback() {
        if (pending != null) {
            measurements.remove(measurements.size() - 1);
            names.truncate(measurements.size());
            pending.close();
            options.memory().accept(-MEASUREMENT_BYTES);
            if (byDefault == pending) {
                byDefault = null;
            }
            pending = null;
        }
    }

    List<JsonMeasurement> all() {
        return measurements;
    }

    /** Gives back what is charged beside the batches. */
    void close() {
        measurements.forEach(JsonMeasurement::close);
        options.memory().accept(-names.sizeBytes() - (long) MEASUREMENT_BYTES * measurements.size());
    }

    private JsonMeasurement add(String name, byte[] utf8, int from, int to) {
        options.memory().accept(MEASUREMENT_BYTES);
        JsonMeasurement added = new JsonMeasurement(name, defaults, options);
        names.intern(utf8, from, to);
        measurements.add(added);
        pending = added;
        return added;
    }
}
