package io.weir.ingest.decode.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.weir.ingest.decode.FuzzBytes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Random rows as JSON text: most of them good, each hard in its own way. */
final class RandomJson {

    private static final String[] NAMES = {
        "host",
        "region",
        "usage",
        "count",
        "ok",
        "name",
        "v",
        "w",
        "x",
        "y",
        "z",
        "m",
        "t",
        "f",
        "tags",
        "fields",
        "time",
        "time_nanos",
        "a b",
        "é",
        "日本",
        "\\u0068ost",
        "q\\\"uote",
        "back\\\\slash",
        "\\ud83d\\ude00",
        "\\t",
        "",
        "usage2"
    };
    private static final String[] NUMBERS = {
        "0",
        "-0",
        "1",
        "42",
        "-7",
        "1.0",
        "0.1",
        "-3.25",
        "1e5",
        "1E-7",
        "1.5e+300",
        "1e999",
        "-1e999",
        "5e-324",
        "1e-400",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "123456789012345678901234567890",
        "0.000000000000000000000123456789",
        "1.7976931348623157e308",
        "123456789.987654321",
        "12345678901234567.89012345",
        "1700000000",
        "1700000000000000001",
        "01",
        "1.",
        ".5",
        "+1",
        "-",
        "1e",
        "0x10",
        "1_000",
        "2.2250738585072011e-308",
        "9007199254740993"
    };
    private static final String[] STRINGS = {
        "",
        "a",
        "b",
        "x y",
        "server-01",
        "longer than eight bytes and then some more",
        "\\\"quoted\\\"",
        "C:\\\\temp",
        "\\u0041\\u00e9\\u65e5",
        "\\ud83d\\ude00",
        "\\ud83d",
        "\\ude00\\ud83d",
        "\\u0000",
        "\\/\\b\\f\\n\\r\\t",
        "\\x",
        "\\u12g4",
        "日本",
        "\ud83d\ude00",
        "é",
        "\u0001",
        "\u007f",
        "2024-02-29T23:59:59.999999999Z",
        "tab\there"
    };
    private static final String[] TIMES = {
        "1700000000",
        "1700000000000",
        "1700000000000000",
        "1700000000000000001",
        "-1",
        "0",
        "null",
        "1.5",
        "true",
        "9223372036854775807",
        "9223372036854775808",
        "\"2024-02-29T23:59:59Z\"",
        "\"2023-02-29T00:00:00Z\"",
        "\"1969-12-31T23:59:59.5+01:00\"",
        "\"2000-01-01t00:00:00.123456789z\"",
        "\"1900-03-01 12:00:00-23:59\"",
        "\"1677-09-21T00:12:43.145224192Z\"",
        "\"1677-09-21T00:12:43.145224191Z\"",
        "\"2262-04-11T23:47:16.854775807Z\"",
        "\"2262-04-11T23:47:16.854775808Z\"",
        "\"2024-13-01T00:00:00Z\"",
        "\"2024-01-01T24:00:00Z\"",
        "\"2024-01-01T00:00:00\"",
        "\"2024-01-01T00:00:00.1234567890Z\"",
        "\"2024-01-01T00:00:00.Z\"",
        "\"2024\\u002d01-01T00:00:00Z\"",
        "\"2024-01-01T00:00:60Z\"",
        "\"2024-01-01T00:00:00+24:00\"",
        "\"\""
    };
    private static final String[] PIECES = {
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "\n",
        "\r\n",
        " ",
        "null",
        "true",
        "1",
        "-",
        ".",
        "e",
        "\\u",
        "\"m\":\"cpu\",",
        "{\"v\":1}\n",
        "\"v\":2,",
        "\"time\":5,",
        "é",
        "\ud83d\ude00",
        "\\ud83d",
        "\u0001",
        "\"tags\":{},",
        "{}"
    };

    private final Random random;

    RandomJson(Random random) {
        this.random = random;
    }

    /** Some lines, a few of them changed at random. */
    byte[] lines() {
        StringBuilder out = new StringBuilder();
        for (int n = 1 + random.nextInt(5); n > 0; n--) {
            out.append(random.nextInt(12) == 0 ? pick(" ", "", "\t\r", "#", "[]", "\ufeff", "null") : row());
            out.append(random.nextInt(10) == 0 ? "\r\n" : n == 1 && random.nextInt(4) == 0 ? "" : "\n");
        }
        return FuzzBytes.mutate(out.toString().getBytes(UTF_8), random, random.nextBoolean() ? 0 : 4, PIECES);
    }

    /** An object or an array of them, perhaps changed at random. */
    byte[] document() {
        StringBuilder out = new StringBuilder(space());
        if (random.nextInt(3) == 0) {
            out.append(row());
        } else {
            List<String> rows = new ArrayList<>();
            for (int n = random.nextInt(5); n > 0; n--) {
                rows.add(space()
                        + (random.nextInt(12) == 0 ? pick("1", "null", "[]", "[{}]", "\"x\"") : row())
                        + space());
            }
            out.append('[')
                    .append(String.join(",", rows))
                    .append(rows.isEmpty() ? space() : "")
                    .append(']');
        }
        out.append(space());
        return FuzzBytes.mutate(out.toString().getBytes(UTF_8), random, random.nextBoolean() ? 0 : 3, PIECES);
    }

    private String row() {
        return switch (random.nextInt(5)) {
            case 0, 1 -> usual();
            case 2 -> object(pairs(random.nextInt(6), random.nextInt(3) > 0));
            default -> longRow();
        };
    }

    /** A flat row as clients send them, the same keys in the same order. */
    private String usual() {
        List<String> pairs = new ArrayList<>();
        pairs.add("\"time\":" + (1_700_000_000L + random.nextInt(100)));
        pairs.add("\"host\":\"h" + random.nextInt(3) + "\"");
        pairs.add("\"usage\":" + random.nextDouble() * Math.pow(10, random.nextInt(30) - 15));
        pairs.add("\"count\":" + random.nextInt(1_000));
        pairs.add("\"ok\":" + random.nextBoolean());
        pairs.add("\"name\":\"" + pick("a", "b\\n", "日本 and more") + "\"");
        pairs.removeIf(pair -> random.nextInt(12) == 0);
        return object(pairs);
    }

    private String longRow() {
        List<String> parts = new ArrayList<>();
        parts.add(pair(
                "m",
                random.nextInt(10) == 0 ? pick("null", "1", "\"_x\"", "\"\"") : pick("\"cpu\"", "\"mem\"", "\"a b\"")));
        parts.add(pair("t", pick(TIMES)));
        parts.add(pair("tags", random.nextInt(8) == 0 ? pick("null", "[]", "5") : object(tags())));
        parts.add(pair(
                pick("fields", "fields", "f"),
                random.nextInt(12) == 0 ? "null" : object(pairs(1 + random.nextInt(4), false))));
        parts.removeIf(part -> random.nextInt(10) == 0);
        if (random.nextInt(12) == 0) {
            parts.add(pair(pick(NAMES), value()));
        }
        if (random.nextInt(3) == 0) {
            Collections.shuffle(parts, random);
        }
        return object(parts);
    }

    private List<String> tags() {
        List<String> tags = new ArrayList<>();
        for (int n = random.nextInt(4); n > 0; n--) {
            String value = random.nextInt(10) == 0 ? value() : '"' + pick("a", "b", "c", "", "é\\n", "x=y,z") + '"';
            tags.add(pair(pick("host", "region", "rack", pick(NAMES)), value));
        }
        return tags;
    }

    private List<String> pairs(int count, boolean timed) {
        List<String> pairs = new ArrayList<>();
        for (int n = count; n > 0; n--) {
            pairs.add(random.nextBoolean() ? pair(pick(NAMES), value()) : typed());
        }
        if (timed) {
            pairs.add(random.nextInt(pairs.size() + 1), pair("time", pick(TIMES)));
        }
        return pairs;
    }

    /** A pair whose type is that of its name. */
    private String typed() {
        return switch (random.nextInt(5)) {
            case 0 -> pair("usage", pick("1", "2.5", "-0", "1e3", "null"));
            case 1 -> pair("count", pick("0", "7", "18446744073709551615", "-1", "null"));
            case 2 -> pair("ok", pick("true", "false", "null"));
            case 3 -> pair("name", '"' + pick(STRINGS) + '"');
            default -> pair("v" + random.nextInt(3), pick(NUMBERS));
        };
    }

    private String value() {
        return switch (random.nextInt(8)) {
            case 0, 1, 2 -> pick(NUMBERS);
            case 3, 4 -> '"' + pick(STRINGS) + '"';
            case 5 -> pick("true", "false", "null", "tru", "nul", "True");
            case 6 -> pick("{}", "[]", "{\"a\":1}", "[1,{\"a\":[]}]", "[".repeat(70), "[".repeat(70) + "]".repeat(70));
            default -> pick(TIMES);
        };
    }

    private String object(List<String> pairs) {
        StringBuilder out = new StringBuilder("{");
        for (int i = 0; i < pairs.size(); i++) {
            out.append(i == 0 ? "" : ",").append(space()).append(pairs.get(i)).append(space());
        }
        return out.append('}').toString();
    }

    private String pair(String key, String value) {
        return '"' + key + '"' + space() + ':' + space() + value;
    }

    private String space() {
        return random.nextInt(6) == 0 ? pick(" ", "  ", "\t", "\r", " \t ") : "";
    }

    private String pick(String... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
