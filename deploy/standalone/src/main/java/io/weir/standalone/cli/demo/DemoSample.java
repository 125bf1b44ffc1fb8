package io.weir.standalone.cli.demo;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;

/**
 * The sample that ships with Weir: one day of 20 refrigerated trucks and their six depots, a reading a minute, in line
 * protocol ordered by time, timestamps in seconds.
 */
public final class DemoSample {

    /** Database it is written to. */
    public static final String DATABASE = "demo";

    /** Unit of its timestamps. */
    public static final String PRECISION = "s";

    /** Measurements it has. */
    public static final List<String> MEASUREMENTS = List.of("truck", "cargo", "depot");

    static final String RESOURCE = "/demo/fleet.lp.gz";

    private DemoSample() {}

    /**
     * Lines of the sample that a database still lacks.
     *
     * @param bytes the lines, each with its line feed; owned by the holder
     * @param rows how many there are
     * @param sampleRows how many the whole sample has
     */
    public record Missing(ByteBuffer bytes, long rows, long sampleRows) {}

    /**
     * The lines still to be written to a database that holds {@code stored} rows of each measurement. They are written in
     * order, so what an interrupted demo left behind are the first rows of each measurement.
     */
    public static Missing missing(Map<String, Long> stored) {
        Map<String, Long> toSkip = new HashMap<>(stored);
        ByteArrayOutputStream lines = new ByteArrayOutputStream(8 << 20);
        long rows = 0;
        long sampleRows = 0;
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(open(), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                sampleRows++;
                String measurement = line.substring(0, line.indexOf(','));
                if (toSkip.merge(measurement, -1L, Long::sum) < 0) {
                    lines.writeBytes(line.getBytes(StandardCharsets.UTF_8));
                    lines.write('\n');
                    rows++;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the shipped sample cannot be read", e);
        }
        return new Missing(ByteBuffer.wrap(lines.toByteArray()), rows, sampleRows);
    }

    static InputStream open() throws IOException {
        return new GZIPInputStream(Objects.requireNonNull(
                DemoSample.class.getResourceAsStream(RESOURCE), "the jar lacks its sample " + RESOURCE));
    }
}
