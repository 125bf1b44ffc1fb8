package io.weir.ingest.decode;

import io.weir.common.batch.Utf8DictionaryBuilder;
import io.weir.common.model.Names;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The measurements of one request, in order of first sight. One that no accepted row has is forgotten. */
final class LineMeasurements {

    private static final int MEASUREMENT_BYTES = 1_024;

    private final DecodeOptions options;
    private final BodyProgress progress;
    private final Utf8DictionaryBuilder spellings;
    private final List<LineMeasurement> measurements = new ArrayList<>();
    private @Nullable LineMeasurement pending;

    LineMeasurements(DecodeOptions options, BodyProgress progress) {
        this.options = options;
        this.progress = progress;
        this.spellings = new Utf8DictionaryBuilder(options.memory());
    }

    /**
     * The measurement spelled {@code buffer[from, to)}.
     *
     * @throws LineFault when that cannot be a name
     */
    LineMeasurement get(byte[] buffer, int from, int to, Escapes escapes) {
        int code = spellings.find(buffer, from, to);
        return code >= 0 ? measurements.get(code) : add(buffer, from, to, escapes);
    }

    /** Keeps the measurement that the current row brought, if it did. */
    void commit() {
        pending = null;
    }

    /** Forgets the measurement that the current row brought, if it did. */
    void rollback() {
        if (pending != null) {
            measurements.remove(measurements.size() - 1);
            spellings.truncate(measurements.size());
            pending.close();
            options.memory().accept(-MEASUREMENT_BYTES);
            pending = null;
        }
    }

    List<LineMeasurement> all() {
        return measurements;
    }

    /** Gives back what is charged beside the batches. */
    void close() {
        measurements.forEach(LineMeasurement::close);
        options.memory().accept(-spellings.sizeBytes() - (long) MEASUREMENT_BYTES * measurements.size());
    }

    private LineMeasurement add(byte[] buffer, int from, int to, Escapes escapes) {
        int invalid = Utf8.firstInvalid(buffer, from, to);
        if (invalid >= 0) {
            throw LineFault.syntax(invalid, "measurement name is not UTF-8", "well-formed UTF-8");
        }
        escapes.measurement(buffer, from, to);
        String name = escapes.toString();
        String fault = Names.measurementFault(name);
        if (fault == null) {
            fault = Names.nameFault("measurement", name);
        }
        if (fault != null) {
            throw LineFault.name(from, fault, "a name of 1 to 128 bytes without control characters");
        }
        options.memory().accept(MEASUREMENT_BYTES);
        LineMeasurement added = new LineMeasurement(
                name, options.schemas().find(name), options.limits().maxColumns(), options.memory(), progress);
        spellings.intern(buffer, from, to);
        measurements.add(added);
        pending = added;
        return added;
    }
}
