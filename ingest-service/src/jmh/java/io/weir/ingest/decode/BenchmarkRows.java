package io.weir.ingest.decode;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePacker;

/**
 * 5,000 rows of a thousand hosts, every host once an interval, as the generators of the time series benchmarks make them:
 * {@code cpu} with ten tags and ten integers, {@code sensor} with two tags and four floats of two or three decimals.
 */
final class BenchmarkRows {

    static final int ROWS = 5_000;

    private static final int HOSTS = 1_000;
    private static final long START_SECONDS = 1_704_067_200L;
    private static final String[] CPU_TAGS = {
        "hostname",
        "region",
        "datacenter",
        "rack",
        "os",
        "arch",
        "team",
        "service",
        "service_version",
        "service_environment"
    };
    private static final String[] CPU_FIELDS = {
        "usage_user",
        "usage_system",
        "usage_idle",
        "usage_nice",
        "usage_iowait",
        "usage_irq",
        "usage_softirq",
        "usage_steal",
        "usage_guest",
        "usage_guest_nice"
    };
    private static final String[] REGIONS = {
        "us-east-1",
        "us-west-1",
        "us-west-2",
        "eu-west-1",
        "eu-central-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-northeast-1",
        "sa-east-1"
    };

    final String measurement;
    final String[] tags;
    final String[] fields;
    private final boolean whole;
    private final String[][] tagValues = new String[HOSTS][];
    private final double[][] values = new double[ROWS][];

    BenchmarkRows(String shape) {
        SplittableRandom random = new SplittableRandom(42);
        measurement = shape;
        whole = shape.equals("cpu");
        tags = whole ? CPU_TAGS : new String[] {"device", "site"};
        fields = whole ? CPU_FIELDS : new String[] {"temperature", "humidity", "pressure", "voltage"};
        for (int host = 0; host < HOSTS; host++) {
            tagValues[host] = whole ? cpuTags(host, random) : sensorTags(host, random);
        }
        for (int row = 0; row < ROWS; row++) {
            values[row] = new double[fields.length];
            for (int field = 0; field < fields.length; field++) {
                double[] low = {15, 30, 950, 3};
                values[row][field] = whole ? random.nextInt(100) : low[field] + random.nextInt(4_000) / 100.0;
            }
        }
    }

    private static String[] cpuTags(int host, SplittableRandom random) {
        String region = REGIONS[random.nextInt(REGIONS.length)];
        return new String[] {
            "host_" + host,
            region,
            region + (char) ('a' + random.nextInt(3)),
            "" + random.nextInt(100),
            new String[] {"Ubuntu16.10", "Ubuntu16.04LTS", "Ubuntu15.10"}[random.nextInt(3)],
            random.nextBoolean() ? "x64" : "x86",
            new String[] {"SF", "NYC", "LON", "CHI"}[random.nextInt(4)],
            "" + random.nextInt(20),
            "" + random.nextInt(2),
            new String[] {"production", "staging", "test"}[random.nextInt(3)]
        };
    }

    private static String[] sensorTags(int host, SplittableRandom random) {
        return new String[] {
            String.format(Locale.ROOT, "dev-%06d", host), String.format(Locale.ROOT, "site-%03d", random.nextInt(100))
        };
    }

    private static long seconds(int row) {
        return START_SECONDS + row / HOSTS * 10L;
    }

    /** All rows as line protocol, so many a body. */
    List<byte[]> lineProtocol(int rowsPerBody) {
        List<byte[]> bodies = new ArrayList<>();
        StringBuilder body = new StringBuilder();
        for (int row = 0; row < ROWS; row++) {
            body.append(measurement);
            for (int tag = 0; tag < tags.length; tag++) {
                body.append(',').append(tags[tag]).append('=').append(tagValues[row % HOSTS][tag]);
            }
            for (int field = 0; field < fields.length; field++) {
                body.append(field == 0 ? ' ' : ',').append(fields[field]).append('=');
                double value = values[row][field];
                body.append(
                        whole ? (long) value + "i" : String.format(Locale.ROOT, field == 3 ? "%.3f" : "%.2f", value));
            }
            body.append(' ').append(seconds(row)).append("000000000\n");
            if ((row + 1) % rowsPerBody == 0) {
                bodies.add(body.toString().getBytes(UTF_8));
                body.setLength(0);
            }
        }
        return bodies;
    }

    /** All rows as one columnar MessagePack map. */
    byte[] columnar() {
        return packed(packer -> {
            packer.packMapHeader(3);
            packer.packString("m").packString(measurement);
            packer.packString("tags").packArrayHeader(tags.length);
            for (String tag : tags) {
                packer.packString(tag);
            }
            packer.packString("columns").packMapHeader(1 + tags.length + fields.length);
            packer.packString("time").packArrayHeader(ROWS);
            for (int row = 0; row < ROWS; row++) {
                packer.packLong(seconds(row) * 1_000_000);
            }
            for (int tag = 0; tag < tags.length; tag++) {
                packer.packString(tags[tag]).packArrayHeader(ROWS);
                for (int row = 0; row < ROWS; row++) {
                    packer.packString(tagValues[row % HOSTS][tag]);
                }
            }
            for (int field = 0; field < fields.length; field++) {
                packer.packString(fields[field]).packArrayHeader(ROWS);
                for (int row = 0; row < ROWS; row++) {
                    value(packer, row, field);
                }
            }
        });
    }

    /** All rows as a MessagePack array of row maps. */
    byte[] rows() {
        return packed(packer -> {
            packer.packArrayHeader(ROWS);
            for (int row = 0; row < ROWS; row++) {
                packer.packMapHeader(4);
                packer.packString("m").packString(measurement);
                packer.packString("t").packLong(seconds(row) * 1_000_000);
                packer.packString("tags").packMapHeader(tags.length);
                for (int tag = 0; tag < tags.length; tag++) {
                    packer.packString(tags[tag]).packString(tagValues[row % HOSTS][tag]);
                }
                packer.packString("fields").packMapHeader(fields.length);
                for (int field = 0; field < fields.length; field++) {
                    value(packer.packString(fields[field]), row, field);
                }
            }
        });
    }

    private void value(MessagePacker packer, int row, int field) throws IOException {
        if (whole) {
            packer.packLong((long) values[row][field]);
        } else {
            packer.packDouble(values[row][field]);
        }
    }

    private static byte[] packed(Content content) {
        try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
            content.write(packer);
            return packer.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Content {
        void write(MessageBufferPacker packer) throws IOException;
    }
}
