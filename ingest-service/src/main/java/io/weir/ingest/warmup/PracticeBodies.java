package io.weir.ingest.warmup;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Bodies in line protocol, MessagePack and Arrow of the shapes that agents send: hosts with many counters, sensors with measured values, events.
 * They vary in what compiled code is specialised for: lengths of bodies, of names and of numbers, series that come anew,
 * rows out of order.
 */
final class PracticeBodies {

    private static final int ROUNDS = 4;
    private static final int ROWS = 5_000;
    private static final int SMALL_ROWS = 20;
    private static final int SERIES = 250;
    private static final long START_SECONDS = 1_700_000_000L;
    private static final String[] REGIONS = {"eu-west", "us-east", "ap-south"};
    private static final String[] COUNTERS = {
        "user",
        "system",
        "io_wait",
        "interrupts",
        "soft_irq",
        "stolen_time",
        "guest",
        "context_switches",
        "idle",
        "nice"
    };

    private PracticeBodies() {}

    /** The bodies, large and small ones in turn. */
    static List<PracticeBody> all() throws IOException {
        String lines = "/write?precision=ns&db=";
        String packed = "/api/v1/write/msgpack?db=";
        String arrow = "/api/v1/write/arrow?measurement=office&db=";
        PracticeBody stream = new PracticeBody(arrow, arrowStream());
        List<PracticeBody> bodies = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            for (int rows : new int[] {ROWS, SMALL_ROWS}) {
                bodies.add(new PracticeBody(lines, hosts(rows, round)));
                bodies.add(new PracticeBody(lines, sensors(rows, round)));
                bodies.add(new PracticeBody(packed, columns(rows, round)));
                bodies.add(new PracticeBody(lines, events(rows, round)));
                bodies.add(stream);
            }
        }
        return bodies;
    }

    /** A stream of a thousand rows of a device, a time, an integer and a float. */
    static byte[] arrowStream() throws IOException {
        try (InputStream in = PracticeBodies.class.getResourceAsStream("practice.arrows")) {
            if (in == null) {
                throw new IOException("practice.arrows is missing beside " + PracticeBodies.class.getName());
            }
            return in.readAllBytes();
        }
    }

    private static byte[] columns(int rows, int round) {
        SplittableRandom random = new SplittableRandom(round);
        MessagePackWriter body = new MessagePackWriter();
        body.map(3);
        body.text("m");
        body.text("room");
        body.text("tags");
        body.array(1);
        body.text("device");
        body.text("columns");
        body.map(5);
        for (String column : List.of("time", "device", "state", "people", "warmth")) {
            body.text(column);
            body.array(rows);
            for (int row = 0; row < rows; row++) {
                switch (column) {
                    case "time" -> body.number(seconds(round, row) * 1_000_000);
                    case "device" -> body.text("d" + row % SERIES);
                    case "state" -> body.text("state of " + row % 7);
                    case "people" -> body.number((long) random.nextInt(row % 9 == 0 ? 1_000 : 100));
                    default -> body.number(random.nextInt(400) / 10.0);
                }
            }
        }
        return body.bytes();
    }

    private static byte[] hosts(int rows, int round) {
        SplittableRandom random = new SplittableRandom(round);
        StringBuilder text = new StringBuilder(rows * 256);
        for (int row = 0; row < rows; row++) {
            int series = row % (SERIES * (round + 1));
            text.append("host,name=host_").append(series).append(",region=").append(REGIONS[series % REGIONS.length]);
            for (int tag = 0; tag < 8; tag++) {
                text.append(",tag").append(tag).append("=value-").append((series >> tag) % 17);
            }
            for (int field = 0; field < COUNTERS.length; field++) {
                text.append(field == 0 ? ' ' : ',').append(COUNTERS[field]).append('=');
                text.append(random.nextInt(field == 7 ? 2_000_000_000 : 100)).append('i');
            }
            endLine(text, round, row);
        }
        return bytes(text);
    }

    private static byte[] sensors(int rows, int round) {
        SplittableRandom random = new SplittableRandom(round);
        StringBuilder text = new StringBuilder(rows * 128);
        for (int row = 0; row < rows; row++) {
            text.append("sensor,device=d")
                    .append(row % SERIES)
                    .append(",site=s")
                    .append(row % 7);
            for (int field = 0; field < 4; field++) {
                text.append(field == 0 ? ' ' : ',')
                        .append("value_")
                        .append(field)
                        .append('=');
                text.append(random.nextInt(10_000) / 100.0);
            }
            endLine(text, round, row);
        }
        return bytes(text);
    }

    private static byte[] events(int rows, int round) {
        SplittableRandom random = new SplittableRandom(round);
        StringBuilder text = new StringBuilder(rows * 96);
        for (int row = 0; row < rows; row++) {
            text.append("event,source=unit\\ ")
                    .append(row % SERIES)
                    .append(" state=\"state ")
                    .append(row % 5);
            text.append("\",open=").append(random.nextBoolean());
            if (row % 3 != 0) {
                text.append(",load=").append(random.nextDouble() * 1e6);
            }
            endLine(text, round, row);
        }
        return bytes(text);
    }

    private static void endLine(StringBuilder text, int round, int row) {
        text.append(' ').append(seconds(round, row)).append("000000000\n");
    }

    private static long seconds(int round, int row) {
        int late = row % 97 == 96 ? 1 : 0;
        return START_SECONDS + 10L * (round * (ROWS / SERIES) + row / SERIES - late);
    }

    private static byte[] bytes(StringBuilder text) {
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }
}
